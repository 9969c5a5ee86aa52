"""The values of a row in an INSERT statement to COPY text, one by one; long ones in pieces, as far as they are there.

What pg_dump never writes is refused. Statements, and where rows begin, belong to ``insert_text``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from handover.dump.insert_windows import ESCAPES, WORDS
from handover.dump.rows import between_escapes

LONG = 4 << 20  # bytes; a value or a row that is longer is converted in pieces
ROOM = 256 << 10  # bytes; longer than any number or header: with as much behind it, nothing else is cut off

_OPENING = re.compile(rb"\s*+\(")
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


class Unread(Exception):
    """Something else than ``expected`` stands at ``at``, if more than ``room`` bytes are there; else it's cut off."""

    def __init__(self, at: int, expected: str, room: int = ROOM) -> None:
        self.at = at
        self.expected = expected
        self.room = room
        super().__init__(expected)


@dataclass(frozen=True)
class LongRow:
    """A row that was read in part: its whole values so far, and the kind of the one it was left in, if in one."""

    fields: int
    kind: str = ""


class Begun(Exception):
    """A long row was read as far as ``at``; ``parts`` are its COPY text so far."""

    def __init__(self, at: int, parts: list[bytes], row: LongRow) -> None:
        self.at = at
        self.parts = parts
        self.row = row
        super().__init__("a long row")


def row_values(
    text: bytes, at: int, begun: LongRow | None, *, has_standard_strings: bool
) -> tuple[list[bytes], int, int]:
    """Return the values' COPY text in parts, how many values there are, and where the row's parenthesis ends.

    Of a row that was ``begun`` before, its text from there on. Raises :class:`Unread` or :class:`Begun`.
    """
    value = _VALUE if has_standard_strings else _VALUE_UNSTANDARD
    parts: list[bytes] = []
    fields, start = 0, at
    if begun:
        parts, fields, at = _further(text, at, begun)
    else:
        opening = _OPENING.match(text, at)
        if opening is None:
            raise Unread(at, "a row in parentheses")
        at = opening.end()
    while not (parts and parts[-1] == b"\n"):
        found = value.match(text, at)
        if found is None or found.end() == len(text):
            raise _unread_value(
                text, at, at - start, parts, fields, has_standard_strings=has_standard_strings
            )
        at = found.end()
        kind = found.lastgroup or ""
        parts += (_copied(kind, found[kind]), _separator(text, at))
        fields, at = fields + 1, at + 1
    return parts, fields, at


def _separator(text: bytes, at: int) -> bytes:
    """Return what COPY writes for the comma or parenthesis after a value."""
    mark = text[at : at + 1]
    if mark not in {b",", b")"}:
        raise Unread(at, "a comma or a parenthesis after a value", -1)
    return b"\t" if mark == b"," else b"\n"


def _unread_value(
    text: bytes, at: int, read: int, parts: list[bytes], fields: int, *, has_standard_strings: bool
) -> Begun | Unread:
    """Say why a value can't be read; ``read`` bytes of its row could be."""
    opening = _STRING.match(text, at)
    if opening is None or len(text) - at <= LONG:
        is_long = read > LONG
        room = LONG if opening else ROOM
        return (
            Begun(at, parts, LongRow(fields)) if is_long else Unread(at, "a value as pg_dump writes it", room)
        )
    kinds = {b"": "text" if has_standard_strings else "escaped", b"B": "bits"}
    kind = kinds.get(opening[1], "escaped")
    if opening[1] == b"X":
        return Unread(at, "shorter bits in hexadecimal", -1)
    return Begun(opening.end(), parts, LongRow(fields, kind))


def _further(text: bytes, at: int, begun: LongRow) -> tuple[list[bytes], int, int]:
    """Read on in a long row, to the end of the value it was left in."""
    if not begun.kind:
        return [], begun.fields, at
    found = _WHOLE[begun.kind].match(text, at)
    end = found.end() if found else at
    if end + 1 < len(text):
        if text[end : end + 1] != b"'":
            raise Unread(end, "a value as pg_dump writes it", -1)
        return [_copied(begun.kind, text[at:end]), _separator(text, end + 1)], begun.fields + 1, end + 2
    piece = text[at:end]
    piece = piece[: between_escapes(piece)] if begun.kind == "escaped" else piece
    raise Begun(at + len(piece), [_copied(begun.kind, piece)], begun)


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
        raise Unread(0, "strings without Unicode escapes, which pg_dump doesn't write", -1)
    return _LETTERS.get(other, other) if other else b"'"
