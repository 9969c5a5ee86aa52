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
from handover.dump.insert_windows import ESCAPES, WORDS, Unusual, rows_at_once
from handover.dump.rows import between_escapes

WINDOW = 1 << 20  # bytes; what is known of a larger one leaves the processor's caches
LONG = 4 << 20  # bytes; a value or a row that is longer is converted in pieces
ROOM = 256 << 10  # bytes; longer than any number or header: with as much behind it, nothing else is cut off

_NO_VALUES = b"DEFAULT VALUES"
_BLANK = re.compile(rb"(?:\s++|--[^\n]*+\n)*+")
_OPENING = re.compile(rb"\s*+\(")
_AFTER_ROW = re.compile(rb"\s*+(?:(?P<comma>,)|(?:ON CONFLICT DO NOTHING\s*+)?;)")
_STRING = re.compile(rb"\s*+([BXeE]?)'")
_FORM = rb"""\s*+(?:(?P<word>NULL|DEFAULT|true|false) | (?P<number>[-+.0-9][-+.0-9eE]*+) | B'(?P<bits>[01]*+)'
  | X'(?P<hex>[0-9A-Fa-f]*+)' | %b'(?P<escaped>[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+)'
  | '(?P<text>[^']*+(?:''[^']*+)*+)')\s*+"""
_VALUE = re.compile(_FORM % b"[eE]", re.VERBOSE | re.DOTALL)
_VALUE_UNSTANDARD = re.compile(_FORM % b"[eE]?", re.VERBOSE | re.DOTALL)
"""A value where standard_conforming_strings is off: backslashes escape in every string."""

_WHOLE = {
    "bits": re.compile(rb"[01]*+"),
    "text": re.compile(rb"(?:[^']++|'')*+"),
    "escaped": re.compile(rb"(?:[^'\\]++|''|\\x[0-9A-Fa-f]{1,2}|\\[0-7]{1,3}|\\.)*+", re.DOTALL),
}
_ESCAPED = re.compile(rb"''|\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)
_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class _Unread(Exception):
    """Something else than ``expected`` stands at ``at``, if more than ``room`` bytes are there; else it's cut off."""

    def __init__(self, at: int, expected: str, room: int = ROOM) -> None:
        self.at = at
        self.expected = expected
        self.room = room
        super().__init__(expected)


@dataclass(frozen=True)
class _LongRow:
    """A row that was read in part: its whole values so far, and the kind of the one it was left in, if in one."""

    fields: int
    kind: str = ""


class _Begun(Exception):
    """A long row was read as far as ``at``; ``parts`` are its COPY text so far."""

    def __init__(self, at: int, parts: list[bytes], row: _LongRow) -> None:
        self.at = at
        self.parts = parts
        self.row = row
        super().__init__("a long row")


@dataclass
class _Statements:
    """What is known of them; ``fields`` a row has, whether what was read so far ends inside of a statement, and
    the row in which it does, if that is a long one.
    """

    header: bytes
    has_standard_strings: bool
    fields: int = 0
    is_inside: bool = False
    begun: _LongRow | None = None

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
    except _Unread as unread:
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
        raise unread or _Unread(0, "another row")


def _taken(held: list[bytes], statements: _Statements) -> tuple[list[bytes], int, _Unread | None]:
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


def _converted(text: bytes, statements: _Statements) -> tuple[list[bytes], int, _Unread | None]:
    """Return the rows that are whole, where the last one ends, and why the next one couldn't be read."""
    if statements.is_usual(text):
        try:
            return _at_once(text, statements)
        except Unusual:
            pass
    return _carefully(text, statements)


def _at_once(text: bytes, statements: _Statements) -> tuple[list[bytes], int, _Unread | None]:
    at = _next(text, 0, statements)
    rows = rows_at_once(memoryview(text)[at:], statements.header, statements.fields, statements.is_inside)
    statements.fields, statements.is_inside = rows.fields, rows.is_inside
    return [rows.text], at + rows.end, None


def _carefully(text: bytes, statements: _Statements) -> tuple[list[bytes], int, _Unread | None]:
    parts: list[bytes] = []
    at, unread = 0, None
    try:
        while (at := _next(text, at, statements)) < len(text):
            row, at = _row(text, at, statements)
            parts += row
    except _Begun as begun:
        statements.begun, at = begun.row, begun.at
        parts += begun.parts
    except _Unread as found:
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
            room = LONG if text.startswith(b"-", at) else ROOM if is_cut_off else -1
            raise _Unread(at, "an INSERT statement of this table", room)
        at += len(header)
    parts, fields = [b"\n"], 0
    if not header.endswith(_NO_VALUES):
        parts, fields, at = _fields(text, at, statements)
        if fields != (statements.fields or fields):
            raise _Unread(at, f"rows of {statements.fields} values each", -1)
    after = _AFTER_ROW.match(text, at)
    if after is None or (after["comma"] and not fields):
        raise _Unread(at, "a row's end")
    statements.fields, statements.is_inside, statements.begun = fields, after["comma"] is not None, None
    return parts, after.end()


def _fields(text: bytes, at: int, statements: _Statements) -> tuple[list[bytes], int, int]:
    """Return the values' COPY text in parts, how many values there are, and where the row's parenthesis ends."""
    value = _VALUE if statements.has_standard_strings else _VALUE_UNSTANDARD
    parts: list[bytes] = []
    fields, start = 0, at
    if statements.begun:
        parts, fields, at = _further(text, at, statements.begun)
    else:
        opening = _OPENING.match(text, at)
        if opening is None:
            raise _Unread(at, "a row in parentheses")
        at = opening.end()
    while not (parts and parts[-1] == b"\n"):
        found = value.match(text, at)
        if found is None or found.end() == len(text):
            raise _unread_value(text, at, at - start, parts, fields, statements)
        at = found.end()
        kind = found.lastgroup or ""
        parts += (_copied(kind, found[kind]), _separator(text, at))
        fields, at = fields + 1, at + 1
    return parts, fields, at


def _separator(text: bytes, at: int) -> bytes:
    """Return what COPY writes for the comma or parenthesis after a value."""
    mark = text[at : at + 1]
    if mark not in {b",", b")"}:
        raise _Unread(at, "a comma or a parenthesis after a value", -1)
    return b"\t" if mark == b"," else b"\n"


def _unread_value(
    text: bytes, at: int, read: int, parts: list[bytes], fields: int, statements: _Statements
) -> _Begun | _Unread:
    """Say why a value can't be read; ``read`` bytes of its row could be."""
    opening = _STRING.match(text, at)
    if opening is None or len(text) - at <= LONG:
        is_long = read > LONG
        room = LONG if opening else ROOM
        return (
            _Begun(at, parts, _LongRow(fields))
            if is_long
            else _Unread(at, "a value as pg_dump writes it", room)
        )
    kinds = {b"": "text" if statements.has_standard_strings else "escaped", b"B": "bits"}
    kind = kinds.get(opening[1], "escaped")
    if opening[1] == b"X":
        return _Unread(at, "shorter bits in hexadecimal", -1)
    return _Begun(opening.end(), parts, _LongRow(fields, kind))


def _further(text: bytes, at: int, begun: _LongRow) -> tuple[list[bytes], int, int]:
    """Read on in a long row, to the end of the value it was left in."""
    if not begun.kind:
        return [], begun.fields, at
    found = _WHOLE[begun.kind].match(text, at)
    end = found.end() if found else at
    if end + 1 < len(text):
        if text[end : end + 1] != b"'":
            raise _Unread(end, "a value as pg_dump writes it", -1)
        return [_copied(begun.kind, text[at:end]), _separator(text, end + 1)], begun.fields + 1, end + 2
    piece = text[at:end]
    piece = piece[: between_escapes(piece)] if begun.kind == "escaped" else piece
    raise _Begun(at + len(piece), [_copied(begun.kind, piece)], begun)


def _copied(kind: str, value: bytes) -> bytes:
    """Return a value, or a piece of one, as COPY writes it."""
    if kind == "word":
        return WORDS[value]
    if kind == "hex":
        return format(int(value, 16), f"0{4 * len(value)}b").encode() if value else b""
    if kind == "text":
        value = value.replace(b"''", b"'")
    if kind == "escaped":
        value = _ESCAPED.sub(_character, value)
    for byte, escape in ESCAPES.items():
        value = value.replace(byte, escape)
    return value


def _character(found: re.Match[bytes]) -> bytes:
    hexadecimal, octal, other = found.groups()
    if hexadecimal or octal:
        return bytes([int(hexadecimal, 16) if hexadecimal else int(octal, 8) & 0xFF])
    if other in {b"u", b"U"}:
        raise _Unread(0, "strings without Unicode escapes, which pg_dump doesn't write", -1)
    return _LETTERS.get(other, other) if other else b"'"
