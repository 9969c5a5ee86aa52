"""COPY text cut into chunks of whole rows: where a chunk ends, which row it begins with, where the data ends.

Only line ends and the closing ``\\.`` are looked at here; fields and values belong to ``copy_text``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from handover.dump.errors import Place, refuse

CHUNK = 8 << 20  # bytes; larger ones leave the processor's caches and the allocator's free lists
LONGEST_ROW = 1 << 30  # bytes; PostgreSQL itself can't send a longer one
_TAIL = 64  # bytes kept back, so that the closing line and its blank lines come whole
_TERMINATOR = b"\\.\n"


@dataclass(frozen=True)
class RowChunk:
    """Whole rows: their text, how many, and the ordinal (from 1) of the first; ``place`` is where they end."""

    text: bytes
    rows: int
    first_row: int
    place: Place


def row_chunks(
    pieces: Iterator[bytes], place: Place, position: Callable[[], int], size: int = CHUNK
) -> Iterator[RowChunk]:
    """Cut COPY text into chunks of about ``size`` bytes; raises when the closing ``\\.`` is missing."""
    first, held_size, target = 1, 0, size
    held: list[bytes] = []
    for piece in pieces:
        held.append(piece)
        held_size += len(piece)
        if held_size < target + _TAIL:
            continue
        if held_size > LONGEST_ROW + size:
            refuse(place.at(position()), f"rows of at most {LONGEST_ROW} bytes", "a longer one")
        text = b"".join(held)
        cut = text.rfind(b"\n", 0, len(text) - _TAIL) + 1
        if cut:
            chunk = _chunk(text[:cut], first, place.at(position()))
            first += chunk.rows
            yield chunk
        held, held_size = [text[cut:]], len(text) - cut
        target = size if cut else 2 * held_size  # a long row is joined few times
    end = place.at(position())
    last = _chunk(_without_terminator(b"".join(held), end), first, end)
    if last.rows:
        yield last


def _chunk(text: bytes, first_row: int, place: Place) -> RowChunk:
    return RowChunk(text, text.count(b"\n"), first_row, place)


def _without_terminator(text: bytes, place: Place) -> bytes:
    rows = text.rstrip(b"\n") + b"\n"
    is_closed = text.endswith(b"\n") and (rows == _TERMINATOR or rows.endswith(b"\n" + _TERMINATOR))
    if not is_closed:
        refuse(place, "the line that closes a table's rows", "the data's end before it")
    return rows[: -len(_TERMINATOR)]
