"""The primitives and the header of pg_dump's archives (custom, tar, directory): bytes, integers, strings.

Every length is checked against the file before it is believed. The entries of the table of contents and where
data lies belong to their own modules.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, NoReturn, Self

from handover.dump.compression import Compression
from handover.dump.errors import DumpError, Place, refuse

MAGIC = b"PGDMP"
OLDEST, NEWEST = (1, 12), (1, 16)  # PostgreSQL 9.0 and 17-18; src/bin/pg_dump/pg_backup_archiver.h
CUSTOM, TAR, DIRECTORY = 1, 3, 5  # the header's byte; pg_dump calls a directory's toc.dat a tar, too
_ALGORITHMS = (Compression.NONE, Compression.GZIP, Compression.LZ4, Compression.ZSTD)
LONGEST_STRING = 64 << 20  # bytes; as long a statement is read of a plain dump
_WINDOW = 1 << 20  # bytes; as many are read before it is asked whether the file has them
_AS_CUSTOM = "make the dump anew with pg_dump -Fc"


@dataclass(frozen=True)
class ArchiveHeader:
    """The head of an archive: ``version`` (major, minor, revision), who wrote it, and whether its data follows
    in blocks of the same file (custom) or lies in files of its own.
    """

    version: tuple[int, int, int]
    has_blocks: bool
    compression: Compression
    database: str
    server_version: str
    dump_version: str


class ArchiveReader:
    """An open archive, read forward; every method raises :class:`DumpError` where the file is too short."""

    def __init__(self, place: Place, content: bytes | None = None) -> None:
        self.place = place
        self._file: BinaryIO
        if content is not None:
            self._file, self.size = io.BytesIO(content), len(content)
        else:
            self._file, self.size = opened(place)
        self.int_size = 4
        self.offset_size = 8

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    @property
    def position(self) -> int:
        """The byte offset of what is read next."""
        return self._file.tell()

    def seek(self, offset: int, what: str) -> None:
        """Go to an offset inside the file."""
        if not 0 <= offset < self.size:
            self.refuse(f"{what} inside the file's {self.size} bytes", f"an offset of {offset}")
        self._file.seek(offset)

    def read_some(self, count: int) -> bytes:
        """Return up to ``count`` bytes, none at the end of the file."""
        try:
            return self._file.read(count)
        except OSError as error:
            refuse(self.place, "a readable file", error.strerror or "an input error", "check the disk")

    def take(self, count: int, what: str) -> bytes:
        """Return exactly ``count`` bytes."""
        data = b"" if count > _WINDOW and count > self.size - self.position else self.read_some(count)
        if len(data) != count:
            start = self.position - len(data)
            left = self.size - start
            refuse(self.place.at(start), f"{what} ({count} bytes)", f"the file's end after {left} bytes")
        return data

    def seek_back(self, count: int) -> None:
        """Return ``count`` bytes that were read ahead."""
        self._file.seek(-count, os.SEEK_CUR)

    def byte(self, what: str) -> int:
        """Return one byte as a number."""
        return self.take(1, what)[0]

    def integer(self, what: str) -> int:
        """Return an integer: one byte of sign, then ``int_size`` bytes, the least first."""
        raw = self.take(1 + self.int_size, what)
        value = int.from_bytes(raw[1:], "little")
        return -value if raw[0] else value

    def offset(self, what: str) -> int:
        """Return a file offset of ``offset_size`` bytes."""
        return int.from_bytes(self.take(self.offset_size, what), "little")

    def string(self, what: str) -> bytes | None:
        """Return a string's bytes, or None where the archive holds none (length -1)."""
        length = self.integer(f"the length of {what}")
        if length < -1:
            self.refuse(f"the length of {what}", f"{length}")
        if length > LONGEST_STRING:
            self.refuse(f"{what} of at most {LONGEST_STRING} bytes", f"{length}")
        return None if length == -1 else self.take(length, what)

    def refuse(self, expected: str, found: str) -> NoReturn:
        """Raise :class:`DumpError` at the present position."""
        raise DumpError(self.place.at(self.position), expected, found)


def opened(place: Place) -> tuple[BinaryIO, int]:
    """Return the file, opened to be read forward, and its size; raises :class:`DumpError` when it can't be opened."""
    try:
        file = place.file.open("rb", buffering=1 << 20)
        return file, os.fstat(file.fileno()).st_size
    except OSError as error:
        refuse(place, "a readable file", error.strerror or "none", "check the path and its permissions")


def read_header(reader: ArchiveReader) -> ArchiveHeader:
    """Read the head of an archive of version 1.12 to 1.16 and prepare the reader for the rest."""
    _read_magic(reader)
    major, minor, revision, reader.int_size, reader.offset_size, form = reader.take(6, "the archive's head")
    version = (major, minor, revision)
    if not OLDEST <= version[:2] <= NEWEST:
        wanted = f"an archive version from {OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}"
        refuse(reader.place.at(5), wanted, f"{major}.{minor}", _AS_CUSTOM + " of a PostgreSQL from 9.0 to 18")
    if reader.int_size not in {4, 8} or reader.offset_size not in {4, 8}:
        found = f"{reader.int_size} and {reader.offset_size}"
        refuse(reader.place.at(8), "integers and offsets of 4 or 8 bytes", found)
    if form not in {CUSTOM, TAR, DIRECTORY}:
        refuse(reader.place.at(10), "the custom, tar or directory format", f"format {form}", _AS_CUSTOM)
    compression = _read_compression(reader, version)
    for part in ("second", "minute", "hour", "day", "month", "year", "daylight saving"):
        reader.integer(f"the {part} of the dump's time")
    names = ("the database's name", "the server's version", "pg_dump's version")
    database, server, dump = ((reader.string(what) or b"").decode("utf-8", "replace") for what in names)
    return ArchiveHeader(version, form == CUSTOM, compression, database, server, dump)


def _read_magic(reader: ArchiveReader) -> None:
    head = reader.read_some(len(MAGIC))
    if head == MAGIC:
        return
    if len(head) < len(MAGIC) and MAGIC.startswith(head):
        refuse(reader.place.at(len(head)), "the archive's magic bytes", "the file's end")
    refuse(reader.place, "an archive that begins with PGDMP", "something else", _AS_CUSTOM)


def _read_compression(reader: ArchiveReader, version: tuple[int, int, int]) -> Compression:
    if version[:2] < (1, 15):  # a zlib level; -1 stands for the default
        return Compression.GZIP if reader.integer("the compression level") else Compression.NONE
    algorithm = reader.byte("the compression algorithm")
    if algorithm >= len(_ALGORITHMS):
        reader.refuse("a compression from 0 to 3", f"{algorithm}")
    return _ALGORITHMS[algorithm]
