"""Small archives, written field by field from the description in PostgreSQL's pg_backup_archiver.c."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

CREATE = "CREATE TABLE {schema}.{name} (\n    {columns}\n);\n"


@dataclass
class ArchiveMaker:
    """Collects tables and writes them as one custom-format archive."""

    version: tuple[int, int] = (1, 16)
    is_compressed: bool = True
    has_offsets: bool = True
    encoding: str = "UTF8"
    block: int = 4096  # bytes; 0 puts each row into a block of its own, as pg_dump -Z0 does
    tables: list[tuple[str, str, str, str, bytes]] = field(default_factory=list)

    def table(self, schema: str, name: str, columns: str, copy: str, rows: bytes) -> ArchiveMaker:
        """Add a table: column definitions, the COPY statement's column list, rows without the closing line."""
        create = CREATE.format(schema=schema, name=name, columns=columns)
        self.tables.append((schema, name, create, f"COPY {schema}.{name} {copy} FROM stdin;\n", rows))
        return self

    def bytes(self) -> bytes:
        """Return the archive."""
        offsets = [0] * len(self.tables)
        for _ in range(2):  # the offsets don't change the length of what is before them
            written = self._head() + self._entries(offsets)
            for index, (*_, rows) in enumerate(self.tables):
                offsets[index] = len(written)
                written += self._data(100 + index, rows + b"\\.\n\n\n")
        return written

    def _head(self) -> bytes:
        head = b"PGDMP" + bytes([*self.version, 0, 4, 8, 1])
        head += (
            bytes([int(self.is_compressed)]) if self.version >= (1, 15) else integer(-int(self.is_compressed))
        )
        head += b"".join(integer(n) for n in (0, 0, 12, 5, 3, 122, 0))
        return head + string("vendor") + string("18.4") + string("18.4")

    def _entries(self, offsets: list[int]) -> bytes:
        encoding = f"SET client_encoding = '{self.encoding}';\n"
        entries = [self._entry(1, "ENCODING", "", "ENCODING", encoding)]
        for index, (schema, name, create, copy, _) in enumerate(self.tables):
            entries.append(self._entry(10 + index, "TABLE", schema, name, create))
            state = (2, offsets[index]) if self.has_offsets else (1, 0)
            entries.append(self._entry(100 + index, "TABLE DATA", schema, name, "", copy, state))
        return integer(len(entries)) + b"".join(entries)

    def _entry(
        self,
        number: int,
        kind: str,
        schema: str,
        name: str,
        definition: str,
        copy: str = "",
        state: tuple[int, int] = (3, 0),
    ) -> bytes:
        texts = [string(t) for t in (definition, "", copy, schema, "")]
        entry = integer(number) + integer(int(bool(copy))) + string("0") + string("0") + string(name)
        entry += string(kind) + integer(2) + b"".join(texts)
        entry += string("") if self.version >= (1, 14) else b""
        entry += integer(ord("r")) if self.version >= (1, 16) else b""
        entry += string("postgres") + string("false") + string("1") + integer(-1)
        return entry + bytes([state[0]]) + state[1].to_bytes(8, "little")

    def _data(self, number: int, text: bytes) -> bytes:
        packed = zlib.compress(text) if self.is_compressed else text
        cut = [packed[a : a + self.block] for a in range(0, len(packed), self.block)] if self.block else []
        blocks = [integer(len(block)) + block for block in cut or packed.splitlines(keepends=True)]
        return b"\x01" + integer(number) + b"".join(blocks) + integer(0)


def integer(value: int) -> bytes:
    """Return an archive's integer: a byte of sign and four of value."""
    return bytes([int(value < 0)]) + abs(value).to_bytes(4, "little")


def string(text: str) -> bytes:
    """Return an archive's string."""
    return integer(len(text.encode())) + text.encode()


@pytest.fixture
def write_dump(tmp_path: Path) -> Callable[[ArchiveMaker | bytes], Path]:
    """Write an archive, or any bytes, to a file."""

    def write(content: ArchiveMaker | bytes) -> Path:
        path = tmp_path / "support.dump"
        path.write_bytes(content if isinstance(content, bytes) else content.bytes())
        return path

    return write


@pytest.fixture(scope="session")
def new_archive() -> type[ArchiveMaker]:
    """The maker of archives, for tests that choose every field."""
    return ArchiveMaker


@pytest.fixture
def people() -> ArchiveMaker:
    """Two small tables, one with three rows, one with none."""
    maker = ArchiveMaker()
    rows = "1\tNguyễn Văn A\t1990-02-03\n2\t\t\\N\n3\t\\N\t2001-12-31\n".encode()
    maker.table(
        "tc", "doi_tuong", "id bigint NOT NULL,\n    ten text,\n    ngay date", "(id, ten, ngay)", rows
    )
    return maker.table("tc", "trong", "id integer", "(id)", b"")
