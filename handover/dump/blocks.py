"""The data blocks of a custom-format archive: where they lie, and their contents joined, still compressed.

Memory stays flat whatever a block claims: input is read in windows. What the bytes mean (compressed data, rows)
doesn't belong here.
"""

from __future__ import annotations

from collections.abc import Iterator

from handover.dump.archive import ArchiveReader
from handover.dump.errors import Place, refuse
from handover.dump.row_blocks import join_row_blocks
from handover.dump.toc import TocEntry

WINDOW = 1 << 20  # bytes of archive handled at a time
_DATA, _BLOBS = 1, 3  # BLK_DATA, BLK_BLOBS in pg_backup_archiver.h


def data_offsets(reader: ArchiveReader, entries: tuple[TocEntry, ...], end_of_toc: int) -> dict[int, int]:
    """Return where each entry's data block begins: from the entries, or by a search where they don't say."""
    offsets = {e.dump_id: e.offset for e in entries if e.has_data and e.offset is not None}
    unknown = {e.dump_id for e in entries if e.has_data and e.offset is None}
    if not unknown:
        return offsets
    found = _search(reader, end_of_toc, unknown)
    missing = unknown - found.keys()
    if missing:
        refuse(reader.place.at(reader.size), f"data for {len(unknown)} tables", f"{len(missing)} without")
    return offsets | found


def contents(
    reader: ArchiveReader, entry: TocEntry, offset: int, place: Place, *, are_rows: bool
) -> Iterator[bytes]:
    """Yield the contents of one entry's blocks in pieces of about 1 MB; the reader's position tells the progress.

    ``are_rows``: the blocks aren't compressed, and so mostly hold a row each.
    """
    reader.seek(offset, f"the data of entry {entry.dump_id}")
    kind = reader.byte("a block's kind")
    number = reader.integer("a block's entry number")
    if kind != _DATA or number != entry.dump_id:
        refuse(place.at(offset), f"data of entry {entry.dump_id}", f"block kind {kind} of entry {number}")
    return _Blocks(reader, place, are_rows=are_rows).joined()


def _search(reader: ArchiveReader, start: int, wanted: set[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    position = start
    while position < reader.size and wanted - found.keys():
        reader.seek(position, "a block")
        kind = reader.byte("a block's kind")
        number = reader.integer("a block's entry number")
        if kind not in {_DATA, _BLOBS}:
            refuse(reader.place.at(position), "a data block or a large object's", f"block kind {kind}")
        if kind == _DATA and number in found:
            refuse(reader.place.at(position), "one data block per entry", f"a second of entry {number}")
        if kind == _DATA:
            found[number] = position
        while kind == _BLOBS and reader.integer("a large object's number"):
            _skip_blocks(reader)
        if kind == _DATA:
            _skip_blocks(reader)
        position = reader.position
    return found


def _skip_blocks(reader: ArchiveReader) -> None:
    for _ in _Blocks(reader, reader.place, are_rows=True).joined():
        pass


class _Blocks:
    """Consecutive blocks from the reader's position on, read in windows; the last is the empty closing block."""

    def __init__(self, reader: ArchiveReader, place: Place, *, are_rows: bool) -> None:
        self._reader = reader
        self._place = place
        self._are_rows = are_rows
        self._head = 1 + reader.int_size
        self._window, self._at = b"", 0
        self._parts: list[bytes] = []

    def joined(self) -> Iterator[bytes]:
        """Yield the contents, joined to about ``WINDOW`` bytes, and leave the reader behind the closing block."""
        while True:
            if len(self._window) - self._at < self._head:
                yield from self._gathered()
                self._refill()
                continue
            length = self._next_length()
            if not length:
                break
            yield from self._content(length)
        yield from self._gathered()
        self._reader.seek_back(len(self._window) - self._at)

    def _gathered(self) -> Iterator[bytes]:
        if self._parts:
            yield b"".join(self._parts)
            self._parts = []

    def _refill(self) -> None:
        self._window, self._at = self._window[self._at :] + self._reader.read_some(WINDOW), 0
        if len(self._window) < self._head:
            end = self._place.at(self._reader.size)
            refuse(end, "a further data block or the closing one", "the file's end")
        if self._are_rows:
            rows, self._at = join_row_blocks(self._window, self._reader.int_size)
            self._parts.append(rows)

    def _next_length(self) -> int:
        head = self._window[self._at : self._at + self._head]
        length = int.from_bytes(head[1:], "little")
        if head[0] and length:
            offset = self._reader.position - len(self._window) + self._at
            refuse(self._place.at(offset), "a block's length", f"-{length}")
        self._at += self._head
        return length

    def _content(self, length: int) -> Iterator[bytes]:
        here = self._window[self._at : self._at + length]
        self._at += len(here)
        self._parts.append(here)
        missing = length - len(here)
        start = self._reader.position
        if missing > self._reader.size - start:
            found = f"the file's end after {self._reader.size - start}"
            refuse(self._place.at(start), f"{missing} more bytes of a data block", found)
        while missing:
            yield from self._gathered()
            piece = self._reader.take(min(missing, WINDOW), "a data block")
            self._parts.append(piece)
            missing -= len(piece)
