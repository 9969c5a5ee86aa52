"""INSERT statements, as pg_dump writes them, to COPY text; nothing is executed.

Windows of bytes, each converted at once by ``insert_windows`` where it has the usual form, value by value elsewhere;
what pg_dump never writes is refused. Finding the statements, and what values mean, doesn't belong here.
Source: dumpTableData_insert in PostgreSQL's src/bin/pg_dump/pg_dump.c.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from handover.dump.errors import Place, refuse
from handover.dump.insert_values import ROOM, Begun, LongRow, Unread, row_values
from handover.dump.insert_windows import Unusual, rows_at_once

WINDOW = 1 << 20  # bytes; what is known of a larger one leaves the processor's caches
_NO_VALUES = b"DEFAULT VALUES"
_BLANK = re.compile(rb"(?:\s++|--[^\n]*+\n)*+")
_AFTER_ROW = re.compile(rb"\s*+(?:(?P<comma>,)|(?:ON CONFLICT DO NOTHING\s*+)?;)")


@dataclass
class _Statements:
    """What is known of them; ``fields`` a row has, whether what was read so far ends inside of a statement, and
    the row in which it does, if that is a long one.
    """

    header: bytes
    has_standard_strings: bool
    fields: int = 0
    is_inside: bool = False
    begun: LongRow | None = None

    def is_usual(self, text: bytes) -> bool:
        """Whether the parity of quotes tells what is text, and a semicolon outside of it ends a statement."""
        is_plain = not (b"'" in self.header or b";" in self.header or self.header.endswith(_NO_VALUES))
        return (
            is_plain
            and not self.begun
            and len(text) <= 4 * WINDOW
            and (self.has_standard_strings or b"\\" not in text)
        )


def insert_rows(
    pieces: Iterator[bytes],
    header: bytes,
    place: Place,
    position: Callable[[], int],
    *,
    has_standard_strings: bool = True,
) -> Iterator[bytes]:
    """Yield as COPY text, without a closing line, the rows of statements that all begin with ``header``.

    ``pieces`` hold nothing but such statements, cut anywhere; ``header`` ends with VALUES. A generated column's
    DEFAULT becomes NULL. ``has_standard_strings`` is what the script sets standard_conforming_strings to. Raises
    :class:`DumpError` at ``position()`` for anything else; its words never quote a row.
    """
    try:
        yield from _rows(pieces, _Statements(header, has_standard_strings))
    except Unread as unread:
        refuse(place.at(position()), unread.expected, "something else")


def _rows(pieces: Iterator[bytes], statements: _Statements) -> Iterator[bytes]:
    held, wanted = [b""], WINDOW
    for window in _windows(pieces):
        held.append(window)
        if sum(map(len, held)) < wanted:
            continue
        rows, left, unread = _taken(held, statements)
        yield from _emptied(rows)
        if unread is not None and left - unread.at > unread.room:
            raise unread
        wanted = left + WINDOW
    rows, _, _ = _taken(held, statements)
    yield from _emptied(rows)
    rows, _, unread = _carefully(held.pop(), statements)
    yield from _emptied(rows)
    if unread is not None or statements.is_inside or statements.begun:
        raise unread or Unread(0, "another row")


def _taken(held: list[bytes], statements: _Statements) -> tuple[list[bytes], int, Unread | None]:
    """Convert what is held as far as rows are whole, and hold the rest; also return its bytes, and why it is left."""
    text = b"".join(held)
    held.clear()  # a long row's memory isn't taken twice
    rows, end, unread = _converted(text, statements)
    held.append(text[end:])
    if unread is not None:
        unread.at -= end
    return rows, len(text) - end, unread


def _emptied(rows: list[bytes]) -> Iterator[bytes]:
    rows.reverse()
    while rows:
        yield rows.pop()


def _windows(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join and cut the pieces to about a window each."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        for at in range(0, len(piece), WINDOW):
            held.append(piece[at : at + WINDOW])
            size += len(held[-1])
            if size >= WINDOW:
                yield b"".join(held)
                held, size = [], 0
    yield b"".join(held)


def _converted(text: bytes, statements: _Statements) -> tuple[list[bytes], int, Unread | None]:
    """Return the rows that are whole, where the last one ends, and why the next one couldn't be read."""
    if statements.is_usual(text):
        try:
            return _at_once(text, statements)
        except Unusual:
            pass
    return _carefully(text, statements)


def _at_once(text: bytes, statements: _Statements) -> tuple[list[bytes], int, Unread | None]:
    at = _next(text, 0, statements)
    rows = rows_at_once(memoryview(text)[at:], statements.header, statements.fields, statements.is_inside)
    statements.fields, statements.is_inside = rows.fields, rows.is_inside
    return [rows.text], at + rows.end, None


def _carefully(text: bytes, statements: _Statements) -> tuple[list[bytes], int, Unread | None]:
    parts: list[bytes] = []
    at, unread = 0, None
    try:
        while (at := _next(text, at, statements)) < len(text):
            row, at = _row(text, at, statements)
            parts += row
    except Begun as begun:
        statements.begun, at = begun.row, begun.at
        parts += begun.parts
    except Unread as found:
        unread = found.with_traceback(None)  # which would keep the text in memory
    return [b"".join(parts)], at, unread


def _next(text: bytes, at: int, statements: _Statements) -> int:
    """Return where the next statement or row begins."""
    found = None if statements.is_inside or statements.begun else _BLANK.match(text, at)
    return found.end() if found else at


def _row(text: bytes, at: int, statements: _Statements) -> tuple[list[bytes], int]:
    """Return a row's COPY text in parts, and where the row ends."""
    header = statements.header
    if not (statements.is_inside or statements.begun):
        if not text.startswith(header, at):
            is_cut_off = header.startswith(text[at : at + len(header)])
            room = ROOM if is_cut_off or text.startswith(b"-", at) else -1
            raise Unread(at, "an INSERT statement of this table", room)
        at += len(header)
    parts, fields = [b"\n"], 0
    if not header.endswith(_NO_VALUES):
        parts, fields, at = row_values(
            text, at, statements.begun, has_standard_strings=statements.has_standard_strings
        )
        if fields != (statements.fields or fields):
            raise Unread(at, f"rows of {statements.fields} values each", -1)
    after = _AFTER_ROW.match(text, at)
    if after is None or (after["comma"] and not fields):
        raise Unread(at, "a row's end")
    statements.fields, statements.is_inside, statements.begun = fields, after["comma"] is not None, None
    return parts, after.end()
