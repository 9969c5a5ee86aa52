"""Dumps in plain SQL, compressed or not: indexed in one pass, then read where the rows lie. Nothing is executed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NoReturn

from handover.dump.archive import opened
from handover.dump.compression import Compression, compression_of, decompressed
from handover.dump.encodings import codec_of
from handover.dump.errors import Place, printable, refuse
from handover.dump.script import Form, Script, ScriptData, scan_script
from handover.dump.source import CLOSING_LINE, DumpFacts, DumpSource, MetaCommand
from handover.dump.toc import TABLE_KINDS, TocEntry

WINDOW = 1 << 20


class ScriptSource(DumpSource):
    """A script. A compressed one is unpacked once to be indexed and once to be read; memory stays flat."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._file, self.size = opened(place)
        try:
            head = self._file.read(16)
            self._compression = compression_of(head)
            self._text = _Text(self._file, self._compression, place)
            script = scan_script(self._bounded(self._text.between(0, None), place), place)
            self.facts = self._facts_of(script)
            self._spans: dict[int, ScriptData] = {}
            self.entries = self._entries_of(script)
        except BaseException:
            self._file.close()
            raise
        self.meta_commands = tuple(MetaCommand(each.word, each.line, each.offset) for each in script.commands)
        self.meta_command_count = script.command_count
        self._text.rewind()

    @property
    def position(self) -> int:
        """How far into the file was read."""
        return self._file.tell()

    def in_order(self, entries: tuple[TocEntry, ...]) -> tuple[TocEntry, ...]:
        """Return the entries by where their first row lies."""
        return tuple(sorted(entries, key=lambda entry: self._spans[entry.dump_id].spans[0].start))

    def pieces(self, entry: TocEntry) -> Iterator[bytes]:
        """Yield the entry's rows."""
        data = self._spans[entry.dump_id]
        for span in data.spans:
            yield from self._text.between(span.start, span.end)
        if data.form is Form.COPY:
            yield CLOSING_LINE

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _facts_of(self, script: Script) -> DumpFacts:
        codec = codec_of(script.encoding)
        if codec is None:
            remedy = "make the dump anew with --encoding=UTF8"
            refuse(self.place, "an encoding that is known", "another", remedy)
        return DumpFacts(
            "plain",
            "",
            script.server_version,
            script.encoding,
            codec,
            self._compression,
            script.has_standard_strings,
        )

    def _entries_of(self, script: Script) -> tuple[TocEntry, ...]:
        """The script's objects and data as an archive would list them; names have to be one database's."""
        defined = [
            TocEntry(number, each.kind, each.schema, each.name, each.definition, "", has_data=False)
            for number, each in enumerate(script.objects, start=1)
        ]
        owners: dict[tuple[str, str], str] = {}
        tables = [(e.database, e.schema, e.name) for e in script.objects if e.kind in TABLE_KINDS]
        for database, schema, name in (*tables, *((d.database, d.schema, d.name) for d in script.data)):
            if owners.setdefault((schema, name), database) != database:
                found = f"one in {printable(owners[schema, name])} and one in {printable(database)}"
                remedy = "cut the dump into one of each database, as pg_dump makes them"
                refuse(self.place.of(f"{schema}.{name}"), "one table of that name", found, remedy)
        first = len(defined) + 1
        self._spans = dict(enumerate(script.data, start=first))
        data = [
            TocEntry(number, "TABLE DATA", each.schema, each.name, "", each.statement, has_data=True)
            for number, each in self._spans.items()
        ]
        return (*defined, *data)


class _Text:
    """The script's plain bytes, given between two offsets; going back means beginning anew."""

    def __init__(self, file: BinaryIO, compression: Compression, place: Place) -> None:
        self._file = file
        self._compression = compression
        self._place = place
        self._at = 0
        self._left = b""
        self._pieces: Iterator[bytes] = iter(())
        self.rewind()

    def rewind(self) -> None:
        """Begin anew."""
        self._file.seek(0)
        self._at, self._left = 0, b""
        self._pieces = decompressed(self._windows(), self._compression, self._refuse)

    def between(self, start: int, end: int | None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` to ``end`` (None: to the last)."""
        self._go_to(start)
        while end is None or self._at < end:
            piece = self._left or next(self._pieces, b"")
            if not piece:
                return
            given = piece if end is None else piece[: end - self._at]
            self._left = piece[len(given) :]
            self._at += len(given)
            yield given

    def _go_to(self, offset: int) -> None:
        if offset < self._at:
            self.rewind()
        if self._compression is Compression.NONE and offset > self._at + len(self._left):
            self._file.seek(offset)
            self._at, self._left = offset, b""
            self._pieces = self._windows()
        for _ in self.between(self._at, offset) if offset > self._at else ():
            pass

    def _windows(self) -> Iterator[bytes]:
        while window := self._file.read(WINDOW):
            yield window

    def _refuse(self, expected: str, found: str) -> NoReturn:
        refuse(self._place.at(self._file.tell()), expected, found)
