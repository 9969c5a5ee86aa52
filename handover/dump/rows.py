"""COPY text cut into chunks of whole rows: where a chunk ends, which row it begins with, where the data ends.

Only line ends and the closing ``\\.`` are looked at here; fields and values belong to ``copy_text``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from handover.dump.errors import Place, refuse

CHUNK = 8 << 20  # bytes; larger ones leave the processor's caches and the allocator's free lists
LONGEST_ROW = (
    208 << 20
)  # bytes: a field of 100 MB, each byte escaped; four times as much memory is within 1 GiB
APART = (
    "import the other tables by name, and ask the vendor for this one without the column of such values, "
    "which can follow as files"
)
_TAIL = 64  # bytes kept back, so that the closing line and its blank lines come whole
_TERMINATOR = b"\\.\n"


@dataclass
class RowChunk:
    """Whole rows: their text, how many, and the ordinal (from 1) of the first; ``place`` is where they end.

    Who has parsed the text empties it: it may be one row of a hundred megabytes, and others still hold the chunk.
    """

    text: bytes | bytearray
    rows: int
    first_row: int
    place: Place


def row_chunks(
    pieces: Iterator[bytes], place: Place, position: Callable[[], int], size: int = CHUNK
) -> Iterator[RowChunk]:
    """Cut COPY text into chunks of about ``size`` bytes; raises when the closing ``\\.`` is missing."""
    first, held_size, wanted = 1, 0, size
    held: list[bytes | bytearray] = []
    for piece in pieces:
        held.append(piece)
        held_size += len(piece)
        if held_size < wanted + _TAIL:
            continue
        chunk = _chunk(_whole_rows(held), first, place.at(position()))
        held_size -= len(chunk.text)
        if held_size > LONGEST_ROW:
            refuse(place.at(position()), f"rows of at most {LONGEST_ROW} bytes", "a longer one", APART)
        if chunk.rows:
            first, wanted = first + chunk.rows, size
            yield chunk
        else:
            held, wanted = [_grown(held)], held_size + size
    end = place.at(position())
    last = _chunk(_without_terminator(_grown(held), end), first, end)
    if last.rows:
        yield last


def _chunk(text: bytes | bytearray, first_row: int, place: Place) -> RowChunk:
    return RowChunk(text, text.count(b"\n"), first_row, place)


def _whole_rows(held: list[bytes | bytearray]) -> bytes | bytearray:
    """Take the whole rows out of what is held, but for its last bytes; empty where no row ends."""
    behind = 0
    for index in reversed(range(len(held))):
        piece = held[index]
        end = piece.rfind(b"\n", 0, max(len(piece) - max(_TAIL - behind, 0), 0)) + 1
        if end:
            rest = bytes(piece[end:])
            taken, held[: index + 1] = held[: index + 1], [rest]
            taken[-1] = _cut(piece, end)
            return _grown(taken) if isinstance(taken[0], bytearray) else b"".join(taken)
        behind += len(piece)
    return b""


def _grown(held: list[bytes | bytearray]) -> bytearray:
    """Join what is held of a long row; a bytearray grows where it lies, and doesn't take its memory twice."""
    whole = held[0] if held and isinstance(held[0], bytearray) else bytearray()
    for piece in held:
        if piece is not whole:
            whole += piece
    held.clear()
    return whole


def _cut(text: bytes | bytearray, end: int) -> bytes | bytearray:
    if isinstance(text, bytes):
        return text[:end]
    del text[end:]
    return text


def _without_terminator(text: bytearray, place: Place) -> bytearray:
    start = _end_without_blank_lines(text) + 1 - len(_TERMINATOR)
    if (
        start < 0
        or text.find(_TERMINATOR, start) != start
        or text[max(start - 1, 0) : start] not in (bytearray(), bytearray(b"\n"))
    ):
        refuse(place, "the line that closes a table's rows", "the data's end before it")
    del text[start:]
    return text


def _end_without_blank_lines(text: bytearray) -> int:
    length = _TAIL
    while not (left := len(text[-length:].rstrip(b"\n"))) and length < len(text):
        length *= 4
    return max(len(text) - length, 0) + left


def between_escapes(piece: bytes) -> int:
    """Return where to cut a piece that begins between escapes, so that it ends so: the longest has four bytes."""
    last = piece.rfind(b"\\", max(len(piece) - 3, 0))
    if last < 0:
        return len(piece)
    run = last + 1 - len(piece[: last + 1].rstrip(b"\\"))
    return last if run % 2 else len(piece)
