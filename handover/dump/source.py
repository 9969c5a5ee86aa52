"""A dump of any form as the importer sees it: facts, entries, and each table's rows as COPY text.

What the forms have in common is said here; how each is read belongs to ``custom``, ``files`` and ``script_source``.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from handover.dump.compression import Compression
from handover.dump.errors import Place, refuse
from handover.dump.insert_text import insert_rows
from handover.dump.toc import TocEntry

MAX_RATIO = 5000
"""Plain bytes for one of the dump's: zlib reaches 1,032, a text of spaces under zstd some thousands."""

JUDGED_FROM = 4 << 30
"""Plain bytes of one table from which the ratio is judged."""

CLOSING_LINE = b"\\.\n"

_NAME = rb'(?:"(?:[^"]|"")*+"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*+)'
_INSERT_HEADER = re.compile(
    rb"\s*+(INSERT INTO "
    + _NAME
    + rb"(?:\."
    + _NAME
    + rb"){0,2}(?: \("
    + _NAME
    + rb"(?:, "
    + _NAME
    + rb")*+\))?"
    rb"(?: OVERRIDING SYSTEM VALUE)? (?:DEFAULT )?VALUES)(?=[\s;(])"
)
LONGEST_HEADER = 1 << 20
"""Bytes; 1,600 columns of 63 letters have 110 kB."""


@dataclass(frozen=True)
class DumpFacts:
    """What a dump says of itself; ``codec`` is Python's name of ``encoding``, ``archive_version`` is empty for SQL.

    Without standard strings a backslash in a quoted value is an escape (standard_conforming_strings = off).
    """

    format: str
    archive_version: str
    server_version: str
    encoding: str
    codec: str
    compression: Compression
    has_standard_strings: bool = True


@dataclass(frozen=True)
class MetaCommand:
    """A psql command found in a plain dump: its first word, line and byte offset. Nothing obeys it."""

    word: str
    line: int
    offset: int


class DumpSource(ABC):
    """An open dump. ``size`` and ``position`` are bytes of it, in all and read so far."""

    place: Place
    facts: DumpFacts
    entries: tuple[TocEntry, ...]
    size: int
    meta_commands: tuple[MetaCommand, ...] = ()
    """The first of them."""
    meta_command_count: int = 0

    @property
    @abstractmethod
    def position(self) -> int:
        """How far into the dump was read."""

    @abstractmethod
    def in_order(self, entries: tuple[TocEntry, ...]) -> tuple[TocEntry, ...]:
        """Return the entries in the order in which their data is best read."""

    @abstractmethod
    def pieces(self, entry: TocEntry) -> Iterator[bytes]:
        """Yield an entry's data, decompressed: COPY text with its closing line, or INSERT statements."""

    @abstractmethod
    def close(self) -> None:
        """Close the dump's files."""

    def size_of_large_object(self, oid: int) -> int | None:  # noqa: ARG002
        """Return the bytes of a large object; None where they aren't known without reading it."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def place_of(self, entry: TocEntry) -> Place:
        """Return the place of an entry's data."""
        return self.place.of(f"{entry.schema}.{entry.name}")

    def copy_text(self, entry: TocEntry) -> Iterator[bytes]:
        """Yield an entry's rows as COPY text with its closing line; raises :class:`DumpError` for a bomb."""
        place = self.place_of(entry)
        pieces = self._bounded(self.pieces(entry), place)
        if entry.copy_statement.startswith("COPY"):
            yield from pieces
            return
        if entry.copy_statement:
            header = entry.copy_statement.encode(self.facts.codec)
            yield from insert_rows(
                pieces,
                header,
                place,
                lambda: self.position,
                has_standard_strings=self.facts.has_standard_strings,
            )
        elif any(piece.strip() for piece in pieces):
            refuse(place, "rows as COPY or INSERT", "something else")
        yield CLOSING_LINE

    def _bounded(self, pieces: Iterator[bytes], place: Place) -> Iterator[bytes]:
        given, start = 0, self.position
        for piece in pieces:
            given += len(piece)
            if given > JUDGED_FROM and given > MAX_RATIO * max(self.position - start, 1):
                refuse(place, f"data that unpacks to at most {MAX_RATIO} times its size", "more than that")
            yield piece


def insert_header(pieces: Iterator[bytes]) -> bytes:
    """Return what each INSERT statement of a table's data begins with, up to VALUES; empty where there is none."""
    head = b""
    for piece in pieces:
        head += piece
        if found := _INSERT_HEADER.match(head):
            return found[1]
        if len(head) > LONGEST_HEADER:
            break
    return b""
