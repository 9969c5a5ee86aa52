"""Dumps in PostgreSQL's custom format: one file, a table of contents, data in blocks behind it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NoReturn

from handover.dump.archive import ArchiveHeader, ArchiveReader
from handover.dump.blocks import contents, data_offsets
from handover.dump.compression import Compression, decompressed
from handover.dump.errors import refuse
from handover.dump.source import DumpFacts, DumpSource, insert_header
from handover.dump.toc import TableOfContents, TocEntry, read_toc


def archive_facts(form: str, header: ArchiveHeader, toc: TableOfContents) -> DumpFacts:
    """Return what an archive's header and table of contents say of it."""
    version = ".".join(map(str, header.version[:2]))
    strings = [each.definition for each in toc.entries if each.kind == "STDSTRINGS"]
    return DumpFacts(
        form,
        version,
        header.server_version,
        toc.encoding,
        toc.codec,
        header.compression,
        has_standard_strings="'off'" not in "".join(strings),
    )


def with_statements(source: DumpSource) -> tuple[TocEntry, ...]:
    """Return the entries; those whose data are INSERT statements with what each begins with.

    An archive says so nowhere: a table's data without a COPY statement is looked at, as far as its first one.
    """
    return tuple(
        _with_statement(source, each) if each.kind == "TABLE DATA" and not each.copy_statement else each
        for each in source.entries
    )


def _with_statement(source: DumpSource, entry: TocEntry) -> TocEntry:
    header = insert_header(source.pieces(entry)) if entry.has_data else b""
    try:
        return replace(entry, copy_statement=header.decode(source.facts.codec))
    except UnicodeDecodeError:
        refuse(source.place_of(entry), "an INSERT statement in the dump's encoding", "bytes that are not")


class CustomArchive(DumpSource):
    """One file; ``reader`` stands behind its header."""

    def __init__(self, reader: ArchiveReader, header: ArchiveHeader) -> None:
        self._reader = reader
        self._compression = header.compression
        self.place = reader.place
        self.size = reader.size
        toc = read_toc(reader, header)
        self._end_of_toc = toc.end
        self._offsets: dict[int, int] = {}
        self.facts = archive_facts("custom", header, toc)
        self.entries = toc.entries
        self.entries = with_statements(self)

    @property
    def position(self) -> int:
        """How far into the file was read."""
        return self._reader.position

    def in_order(self, entries: tuple[TocEntry, ...]) -> tuple[TocEntry, ...]:
        """Return the entries by the offset of their data; where the dump was piped it is searched."""
        self._offsets |= data_offsets(self._reader, entries, self._end_of_toc)
        return tuple(sorted(entries, key=lambda entry: self._offsets[entry.dump_id]))

    def pieces(self, entry: TocEntry) -> Iterator[bytes]:
        """Yield the entry's data, decompressed."""
        place = self.place_of(entry)

        def refuse_here(expected: str, found: str) -> NoReturn:
            refuse(place.at(self._reader.position), expected, found)

        if entry.dump_id not in self._offsets:
            with_rows = tuple(each for each in self.entries if each.kind == "TABLE DATA" and each.has_data)
            self.in_order(with_rows)  # a search for each would read the file as often
        offset = self._offsets[entry.dump_id]
        are_rows = self._compression is Compression.NONE
        joined = contents(self._reader, entry, offset, place, are_rows=are_rows)
        return decompressed(joined, self._compression, refuse_here)

    def close(self) -> None:
        """Close the file."""
        self._reader.close()
