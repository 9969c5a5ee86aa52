"""The data blocks of a custom-format archive: where they lie, and their bytes, decompressed piece by piece.

Memory stays flat whatever a block claims: input is read in windows, output is capped per step. What the bytes
mean (rows, values) doesn't belong here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from handover.dump.archive import ArchiveReader, Compression
from handover.dump.errors import Place, refuse
from handover.dump.toc import DataState, TocEntry

WINDOW = 1 << 20  # bytes of archive handled at a time
PIECE = 8 << 20  # most bytes one step of decompression may yield
_DATA, _BLOBS = 1, 3  # BLK_DATA, BLK_BLOBS in pg_backup_archiver.h


def data_offsets(reader: ArchiveReader, entries: tuple[TocEntry, ...], end_of_toc: int) -> dict[int, int]:
    """Return where each entry's data block begins: from the entries, or by a search where they don't say."""
    offsets = {e.dump_id: e.offset for e in entries if e.state is DataState.OFFSET_KNOWN}
    unknown = {e.dump_id for e in entries if e.state is DataState.OFFSET_UNKNOWN}
    if not unknown:
        return offsets
    found = _search(reader, end_of_toc, unknown)
    missing = unknown - found.keys()
    if missing:
        refuse(reader.place.at(reader.size), f"data for {len(unknown)} tables", f"{len(missing)} without")
    return offsets | found


def decompressed(
    reader: ArchiveReader, entry: TocEntry, offset: int, compression: Compression, place: Place
) -> Iterator[bytes]:
    """Yield the data of one entry in pieces of at most about 8 MB; the reader's position tells the progress."""
    if compression in {Compression.LZ4, Compression.ZSTD}:
        found = f"{compression.value}"
        refuse(place, "gzip or no compression", found, "make the dump anew with pg_dump -Fc -Z gzip")
    reader.seek(offset, f"the data of entry {entry.dump_id}")
    kind = reader.byte("a block's kind")
    number = reader.integer("a block's entry number")
    if kind != _DATA or number != entry.dump_id:
        refuse(place.at(offset), f"data of entry {entry.dump_id}", f"block kind {kind} of entry {number}")
    joined = _joined_blocks(reader, place)
    return _inflated(joined, reader, place) if compression is Compression.GZIP else joined


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
    for _ in _joined_blocks(reader, reader.place):
        pass


def _joined_blocks(reader: ArchiveReader, place: Place) -> Iterator[bytes]:
    """Yield the contents of consecutive blocks, joined to about ``WINDOW`` bytes, up to the closing block."""
    head = 1 + reader.int_size
    window, at = b"", 0
    parts: list[bytes] = []
    while True:
        if len(window) - at < head:
            if parts:
                yield b"".join(parts)
                parts = []
            window, at = window[at:] + reader.read_some(WINDOW), 0
            if len(window) < head:
                refuse(place.at(reader.size), "a further data block or the closing one", "the file's end")
        length = int.from_bytes(window[at + 1 : at + head], "little")
        if not length:
            break
        start, at = at + head, at + head + length
        if window[start - head]:
            refuse(place.at(reader.position - len(window) + start - head), "a block's length", f"-{length}")
        if at <= len(window):
            parts.append(window[start:at])
            continue
        parts.append(window[start:])
        yield b"".join(parts)
        yield from _rest_of_block(reader, at - len(window), place)
        window, at, parts = b"", 0, []
    if parts:
        yield b"".join(parts)
    reader.seek_back(len(window) - at - head)


def _rest_of_block(reader: ArchiveReader, count: int, place: Place) -> Iterator[bytes]:
    start = reader.position
    if count > reader.size - start:
        left = reader.size - start
        refuse(place.at(start), f"{count} more bytes of a data block", f"the file's end after {left}")
    while count:
        piece = reader.take(min(count, WINDOW), "a data block")
        count -= len(piece)
        yield piece


def _inflated(pieces: Iterator[bytes], reader: ArchiveReader, place: Place) -> Iterator[bytes]:
    stream = zlib.decompressobj()
    expected = "gzip (zlib) data"
    try:
        for piece in pieces:
            left = piece
            while left and not stream.eof:
                yield stream.decompress(left, PIECE)
                left = stream.unconsumed_tail
            if left or stream.unused_data:
                refuse(place.at(reader.position), f"the end of the {expected}", "bytes after it")
        yield stream.flush(PIECE)
    except zlib.error:
        refuse(place.at(reader.position), expected, "bytes that can't be decompressed")
    if not stream.eof:
        refuse(place.at(reader.position), f"the end of the {expected}", "the data's end before it")
