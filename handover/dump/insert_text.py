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

WINDOW = 1 << 20  # bytes; what is known of a larger one leaves the processor's caches
LONGEST_ROW = 2 << 30  # bytes; PostgreSQL's longest, each byte of it a doubled quote
ROOM = 256 << 10  # bytes; longer than any number or header: with as much behind it, nothing else is cut off

_NO_VALUES = b"DEFAULT VALUES"
_BLANK = re.compile(rb"(?:\s++|--[^\n]*+\n)*+")
_OPENING = re.compile(rb"\s*+\(")
_AFTER_ROW = re.compile(rb"\s*+(?:(?P<comma>,)|(?:ON CONFLICT DO NOTHING\s*+)?;)")
_STRING = re.compile(rb"\s*+[BXeE]?'")
_FORM = rb"""\s*+(?:(?P<word>NULL|DEFAULT|true|false) | (?P<number>[-+.0-9][-+.0-9eE]*+) | B'(?P<bits>[01]*+)'
  | X'(?P<hex>[0-9A-Fa-f]*+)' | %b'(?P<escaped>[^'\\]*+(?:(?:''|\\.)[^'\\]*+)*+)'
  | '(?P<text>[^']*+(?:''[^']*+)*+)')\s*+"""
_VALUE = re.compile(_FORM % b"[eE]", re.VERBOSE | re.DOTALL)
_VALUE_UNSTANDARD = re.compile(_FORM % b"[eE]?", re.VERBOSE | re.DOTALL)
"""A value where standard_conforming_strings is off: backslashes escape in every string."""

_ESCAPED = re.compile(rb"''|\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)
_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}


class _Unread(Exception):
    """Something else than ``expected`` stands at ``at``, if more than ``room`` bytes are there; else it's cut off."""

    def __init__(self, at: int, expected: str, room: int = ROOM) -> None:
        self.at = at
        self.expected = expected
        self.room = room
        super().__init__(expected)


@dataclass
class _Statements:
    """What is known of them; ``fields`` a row has, and whether what was read so far ends inside of one."""

    header: bytes
    has_standard_strings: bool
    fields: int = 0
    is_inside: bool = False

    def is_usual(self, text: bytes) -> bool:
        """Whether the parity of quotes tells what is text, and a semicolon outside of it ends a statement."""
        is_plain = not (b"'" in self.header or b";" in self.header or self.header.endswith(_NO_VALUES))
        return is_plain and len(text) <= 4 * WINDOW and (self.has_standard_strings or b"\\" not in text)


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
        text = b"".join(held)
        held.clear()  # a long row's memory isn't taken twice
        rows, end, unread = _converted(text, statements)
        yield from rows
        left = len(text) - end
        if unread is not None and (left > LONGEST_ROW or len(text) - unread.at > unread.room):
            raise unread
        held = [text[end:]]
        wanted = left + (WINDOW if end else max(WINDOW, left))  # a long row is joined few times
    text = b"".join(held)
    held.clear()
    rows, end, _ = _converted(text, statements)
    yield from rows
    rows, _, unread = _carefully(text[end:], statements)
    yield from rows
    if unread is not None or statements.is_inside:
        raise unread or _Unread(0, "another row")


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
    except _Unread as found:
        unread = found
    return (parts if len(text) > 4 * WINDOW else [b"".join(parts)]), at, unread


def _next(text: bytes, at: int, statements: _Statements) -> int:
    """Return where the next statement or row begins."""
    found = None if statements.is_inside else _BLANK.match(text, at)
    return found.end() if found else at


def _row(text: bytes, at: int, statements: _Statements) -> tuple[list[bytes], int]:
    """Return a row's COPY text in parts, and where the row ends."""
    header = statements.header
    if not statements.is_inside:
        if not text.startswith(header, at):
            is_cut_off = header.startswith(text[at : at + len(header)])
            room = LONGEST_ROW if text.startswith(b"-", at) else ROOM if is_cut_off else -1
            raise _Unread(at, "an INSERT statement of this table", room)
        at += len(header)
    parts: list[bytes] = []
    if not header.endswith(_NO_VALUES):
        parts, at = _fields(text, at, statements)
        if len(parts) != 2 * (statements.fields or len(parts) // 2):
            raise _Unread(at, f"rows of {statements.fields} values each", -1)
    after = _AFTER_ROW.match(text, at)
    if after is None or (after["comma"] and not parts):
        raise _Unread(at, "a row's end")
    statements.fields, statements.is_inside = len(parts) // 2, after["comma"] is not None
    return parts or [b"\n"], after.end()


def _fields(text: bytes, at: int, statements: _Statements) -> tuple[list[bytes], int]:
    value = _VALUE if statements.has_standard_strings else _VALUE_UNSTANDARD
    opening = _OPENING.match(text, at)
    if opening is None:
        raise _Unread(at, "a row in parentheses")
    at = opening.end()
    parts: list[bytes] = []
    while True:
        found = value.match(text, at)
        if found is None:
            room = LONGEST_ROW if _STRING.match(text, at) else ROOM
            raise _Unread(at, "a value as pg_dump writes it", room)
        at = found.end() + 1
        mark = text[at - 1 : at]
        if mark not in {b",", b")"}:
            raise _Unread(at - 1, "a comma or a parenthesis after a value")
        parts += (_copied(found), b"\t" if mark == b"," else b"\n")
        if mark == b")":
            return parts, at


def _copied(found: re.Match[bytes]) -> bytes:
    """Return a value as COPY writes it."""
    kind = found.lastgroup or ""
    value = found[kind]
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
