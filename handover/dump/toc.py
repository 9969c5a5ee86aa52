"""The table of contents of an archive: its entries as they stand there, bounded and decoded.

Our own reader, because pgdumplib 4.0 unpacks all data into temporary files before it shows an entry, reads a
byte past the end as 0, doesn't check a length against the file and knows no archive without offsets. What a
definition means (columns, types) and where data lies in the file doesn't belong here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from handover.dump.archive import ArchiveHeader, ArchiveReader
from handover.dump.encodings import codec_of
from handover.dump.errors import refuse

TABLE_KINDS = {"TABLE": "table", "FOREIGN TABLE": "foreign table"}
"""Kinds of entries that define a table, and what they are called."""

_ENCODING = re.compile(rb"SET client_encoding = '([^']{1,64})';")
_LONGEST_DEPENDENCIES = 1_000_000
LARGEST_TOC = 256 << 20  # bytes, and
MOST_ENTRIES = 1_000_000  # entries: a gibibyte of memory at most
_FEWER = "make the dump anew with pg_dump --no-large-objects, which are mostly the many"


class DataState(Enum):
    """What an entry of a custom archive says of its data (``K_OFFSET_*`` in pg_backup_archiver.h)."""

    OFFSET_UNKNOWN = 1  # written to a pipe: blocks must be searched
    OFFSET_KNOWN = 2
    NO_DATA = 3


@dataclass(frozen=True)
class TocEntry:
    """One entry: what it is (``kind``, e.g. ``TABLE DATA``), whose, how it is made, and whether it has data.

    Its data lies at ``offset`` (custom format; None: not said) or in the file ``file`` (tar and directory).
    """

    dump_id: int
    kind: str
    schema: str
    name: str
    definition: str
    copy_statement: str
    has_data: bool
    offset: int | None = None
    file: str = ""


@dataclass(frozen=True)
class TableOfContents:
    """All entries in the archive's order, the data's encoding (PostgreSQL's name), and where the entries end."""

    entries: tuple[TocEntry, ...]
    encoding: str
    codec: str
    end: int


@dataclass(frozen=True)
class _RawEntry:
    dump_id: int
    has_data: bool
    offset: int | None
    strings: dict[str, bytes]


def read_toc(reader: ArchiveReader, header: ArchiveHeader) -> TableOfContents:
    """Read every entry after the header; raises :class:`DumpError` where lengths, counts or text are wrong."""
    count = reader.integer("the number of entries")
    smallest = 12 * (1 + reader.int_size)
    if count < 0 or count * smallest > reader.size:
        reader.refuse("a number of entries that fits into the file", f"{count}")
    if count > MOST_ENTRIES:
        refuse(reader.place, f"at most {MOST_ENTRIES} entries", f"{count}", _FEWER)
    raw = [_read_entry(reader, header) for _ in range(count)]
    ids = {entry.dump_id for entry in raw}
    if len(ids) != len(raw):
        reader.refuse("entries with distinct numbers", f"{len(raw) - len(ids)} repeated")
    encoding = _encoding(raw)
    codec = codec_of(encoding)
    if codec is None:
        refuse(
            reader.place, "an encoding that is known", "another", "make the dump anew with --encoding=UTF8"
        )
    entries = tuple(_decoded(entry, reader, codec) for entry in raw)
    return TableOfContents(entries, encoding, codec, reader.position)


def _read_entry(reader: ArchiveReader, header: ArchiveHeader) -> _RawEntry:
    version = header.version[:2]
    if reader.position > LARGEST_TOC:
        refuse(reader.place, f"a table of contents of at most {LARGEST_TOC} bytes", "a longer one", _FEWER)
    dump_id = reader.integer("an entry's number")
    if dump_id <= 0:
        reader.refuse("an entry's number above 0", f"{dump_id}")
    reader.integer("whether an entry has data")
    strings: dict[str, bytes] = {}
    for name in ("table oid", "oid", "name", "kind"):
        strings[name] = _string(reader, name)
    reader.integer("an entry's section")
    for name in ("definition", "drop statement", "copy statement", "schema", "tablespace"):
        strings[name] = _string(reader, name)
    if version >= (1, 14):
        _string(reader, "access method")
    if version >= (1, 16):
        reader.integer("an entry's kind of relation")
    _string(reader, "owner")
    _string(reader, "oid flag")
    for _ in range(_LONGEST_DEPENDENCIES):
        if reader.string("a dependency") is None:
            break
    else:
        reader.refuse(f"at most {_LONGEST_DEPENDENCIES} dependencies", "more")
    if not header.has_blocks:
        strings["file"] = _string(reader, "file")
        return _RawEntry(dump_id, bool(strings["file"]), None, strings)
    strings["file"] = b""
    state, offset = _read_state(reader), reader.offset("a data offset")
    is_known = state is DataState.OFFSET_KNOWN
    return _RawEntry(dump_id, state is not DataState.NO_DATA, offset if is_known else None, strings)


def _string(reader: ArchiveReader, name: str) -> bytes:
    return reader.string(f"an entry's {name}") or b""


def _read_state(reader: ArchiveReader) -> DataState:
    value = reader.byte("an entry's data state")
    if value not in {state.value for state in DataState}:
        reader.refuse("a data state from 1 to 3", f"{value}")
    return DataState(value)


def _encoding(raw: list[_RawEntry]) -> str:
    for entry in raw:
        if entry.strings["kind"] == b"ENCODING":
            found = _ENCODING.search(entry.strings["definition"])
            return found[1].decode("ascii", "replace") if found else "?"
    return "UTF8"


def _decoded(entry: _RawEntry, reader: ArchiveReader, codec: str) -> TocEntry:
    try:
        text = {name: value.decode(codec) for name, value in entry.strings.items()}
    except UnicodeDecodeError:
        refuse(reader.place, f"entry {entry.dump_id} in the dump's encoding", "bytes that are not")
    return TocEntry(
        entry.dump_id,
        text["kind"],
        text["schema"],
        text["name"],
        text["definition"],
        text["copy statement"],
        entry.has_data,
        entry.offset,
        text["file"],
    )
