"""INSERT statements, as pg_dump writes them, to COPY text; nothing is executed.

A window of bytes at a time, all values of it at once: the parity of quotes tells what is text. What no dump of
pg_dump's holds (calls, casts, expressions) is refused. Where the statements lie belongs to others.
Source: dumpTableData_insert in PostgreSQL's src/bin/pg_dump/pg_dump.c.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from handover.dump.errors import Place, refuse

WINDOW = 4 << 20
LONGEST = 4 << 30  # bytes; a row of PostgreSQL's largest size, every byte escaped

_ROWLESS = b"DEFAULT VALUES"
_CONFLICT = b" ON CONFLICT DO NOTHING"
_SAFE_HEADER = b"INSERT INTO t VALUES"
_TOKEN = re.compile(
    rb"(?P<escaped>[eE]'(?:[^'\\]|\\.|'')*+')|(?P<other>'[^']*+'|[^'eE;]++|[eE](?!'))|(?P<end>;)", re.DOTALL
)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)|''", re.DOTALL)
_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_WORDS = {b"NULL": b"\\N", b"DEFAULT": b"\\N", b"true": b"t", b"false": b"f"}
"""A word outside quotes and what COPY has for it; a generated column's DEFAULT can't be known, and is NULL."""

_NUMERIC = np.frombuffer(b"0123456789.+-", np.uint8)
_MARKS = np.frombuffer(b",)", np.uint8)
_LETTER_OF = np.zeros(256, np.uint8)
_LETTER_OF[[ord("\\"), ord("\t"), ord("\n"), ord("\r")]] = list(b"\\tnr")
"""COPY's letter for a byte that has to be escaped; 0 for all others."""

_Bytes = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]
_Refuse = Callable[[str], NoReturn]


def insert_rows(
    pieces: Iterator[bytes], header: bytes, place: Place, position: Callable[[], int]
) -> Iterator[bytes]:
    """Yield the rows of statements that all begin with ``header`` (up to and including VALUES) as COPY text.

    ``pieces`` hold nothing but such statements, cut anywhere. Raises :class:`DumpError` at ``position`` for
    anything else; its words never quote a value.
    """

    def refuse_here(found: str) -> NoReturn:
        refuse(place.at(position()), "INSERT statements as pg_dump writes them", found)

    waiting, wanted = b"", WINDOW
    for piece in _gathered(pieces):
        waiting += piece
        if len(waiting) < wanted:
            continue
        text, waiting = _converted(waiting, header, refuse_here)
        wanted = max(WINDOW, 2 * len(waiting))
        if len(waiting) > LONGEST:
            refuse_here("a longer one than any row can be")
        yield text
    text, waiting = _converted(waiting, header, refuse_here)
    yield text
    if waiting.strip():
        refuse_here("a statement that isn't closed")


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Join small pieces, so that the one that waits isn't copied for each of them."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= WINDOW:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _converted(data: bytes, header: bytes, refuse_here: _Refuse) -> tuple[bytes, bytes]:
    """Return the COPY text of the whole statements in ``data``, and what is left behind the last."""
    if b"'" in header:
        plain, rest = _standard(data, header, refuse_here)
        return _from_standard(plain, _safe(header), refuse_here)[0], rest
    codes = np.frombuffer(data, np.uint8)
    is_outside = _outside(codes)
    starts_escaped = np.flatnonzero(
        is_outside[:-1] & ((codes[:-1] | 32) == ord("e")) & (codes[1:] == ord("'"))
    )
    if len(starts_escaped):
        plain, rest = _standard(data, header, refuse_here)
        return _from_standard(plain, _safe(header), refuse_here)[0], rest
    return _from_standard(data, header, refuse_here)


def _safe(header: bytes) -> bytes:
    return _SAFE_HEADER.replace(b"VALUES", _ROWLESS) if header.endswith(_ROWLESS) else _SAFE_HEADER


def _standard(data: bytes, header: bytes, refuse_here: _Refuse) -> tuple[bytes, bytes]:
    """Return the whole statements with a plain header and without E'' strings, and what is left: value by value."""
    parts: list[bytes] = []
    at = end = whole = 0
    while True:
        at += len(data[at:]) - len(data[at:].lstrip()) if at < len(data) else 0
        if not data.startswith(header, at):
            break
        parts.append(_safe(header))
        at += len(header)
        while (found := _TOKEN.match(data, at)) is not None:
            at = found.end()
            parts.append(_unescaped(found[0]) if found.lastgroup == "escaped" else found[0])
            if found.lastgroup == "end":
                end, whole = at, len(parts)
                break
        else:
            break
    if not whole and data.strip() and not header.startswith(data.lstrip()[: len(header)]):
        refuse_here("something else")
    return b"".join(parts[:whole]), data[end:]


def _unescaped(literal: bytes) -> bytes:
    """Return an E'' string as a plain one."""

    def character(found: re.Match[bytes]) -> bytes:
        code = found[1]
        if code is None:
            return b"''"
        if code[:1] == b"x" and len(code) > 1:
            return bytes([int(code[1:], 16)])
        if code[:1].isdigit():
            return bytes([int(code, 8) & 255])
        return b"''" if code == b"'" else _LETTERS.get(code, code)

    return b"'" + _ESCAPE.sub(character, literal[2:-1]) + b"'"


def _outside(codes: _Bytes) -> _Mask:
    """Which bytes are outside quotes; the quotes themselves are not."""
    quotes = codes == ord("'")
    outside: _Mask = ((np.cumsum(quotes, dtype=np.int32) & 1) == 0) & ~quotes
    return outside


def _from_standard(data: bytes, header: bytes, refuse_here: _Refuse) -> tuple[bytes, bytes]:
    codes = np.frombuffer(data, np.uint8)
    is_outside = _outside(codes)
    ends = np.flatnonzero(is_outside & (codes == ord(";"))).tolist()
    bounds, end = _statements(data, header, ends, refuse_here)
    if header.endswith(_ROWLESS):
        return b"\n" * len(bounds), data[end:]
    if not bounds:
        return b"", data
    is_value = np.zeros(end + 1, np.int8)
    firsts, lasts = np.array(bounds, np.int64).T
    is_value[firsts] += 1
    is_value[lasts] -= 1
    in_values = np.cumsum(is_value[:-1], dtype=np.int8) > 0
    return _rows(codes[:end], is_outside[:end] & in_values, in_values, refuse_here), data[end:]


def _statements(
    data: bytes, header: bytes, ends: list[int], refuse_here: _Refuse
) -> tuple[list[tuple[int, int]], int]:
    """Return where each whole statement's values begin and end, and where the last statement ends."""
    bounds: list[tuple[int, int]] = []
    at, length = 0, len(header)
    for end in ends:
        if end < at + length:
            continue  # within a quoted name of the header
        while data[at : at + 1].isspace():
            at += 1
        if not data.startswith(header, at):
            refuse_here("something else")
        if end < at + length:
            continue
        last = end - len(_CONFLICT) if data.endswith(_CONFLICT, at, end) else end
        bounds.append((at + length, last))
        at = end + 1
    return bounds, at


def _rows(codes: _Bytes, is_outside: _Mask, in_values: _Mask, refuse_here: _Refuse) -> bytes:
    opens, closes = is_outside & (codes == ord("(")), is_outside & (codes == ord(")"))
    depth = np.cumsum(opens, dtype=np.int32) - np.cumsum(closes, dtype=np.int32)
    if depth.min() < 0 or depth.max() > 1 or depth[-1]:
        refuse_here("parentheses within a value")
    in_row = depth > 0
    is_space = is_outside & ((codes == 32) | ((codes >= 9) & (codes <= 13)))
    commas = is_outside & (codes == ord(","))
    if (is_outside & ~in_row & ~closes & ~commas & ~is_space).any():
        refuse_here("something between rows")
    quotes = in_values & (codes == ord("'"))
    is_doubled = np.zeros_like(quotes)
    is_inside = in_values & ~is_outside & ~quotes
    opening = quotes & ((np.cumsum(quotes, dtype=np.int32) & 1) == 1)
    is_doubled[1:] = opening[1:] & quotes[:-1] & ~opening[:-1]
    out = codes.copy()
    keep = (is_outside & in_row & ~opens & ~is_space) | closes | is_inside | is_doubled
    out[commas & in_row] = ord("\t")
    out[closes] = ord("\n")
    _words(codes, out, keep, is_outside & in_row, quotes, refuse_here)
    return _escaped(out, keep, is_inside)


def _words(
    codes: _Bytes, out: _Bytes, keep: _Mask, is_outside: _Mask, quotes: _Mask, refuse_here: _Refuse
) -> None:
    """Replace NULL, true and the like, and drop what stands before bit strings; refuse any other word."""
    lower = codes | 32
    is_letter = ((lower >= ord("a")) & (lower <= ord("z"))) | (codes >= 128) | (codes == ord("_"))
    is_part = is_outside & (is_letter | np.isin(codes, _NUMERIC))
    if (is_outside & ~is_part & keep & ~np.isin(codes, _MARKS)).any():
        refuse_here("an expression in place of a value")
    begins = is_part.copy()
    begins[1:] &= ~is_part[:-1]
    starts = np.flatnonzero(begins & is_letter)
    lengths = np.flatnonzero(is_part & ~np.append(is_part[1:], False))
    known = np.zeros(len(starts), np.bool_)
    stops = lengths[np.searchsorted(lengths, starts)] + 1
    for word, text in _WORDS.items():
        chosen = (stops - starts) == len(word)
        for index, code in enumerate(word):
            chosen[chosen] = codes[starts[chosen] + index] == code
        known |= chosen
        for index in range(len(word)):
            places = starts[chosen] + index
            keep[places] = index < len(text)
            out[places] = text[index] if index < len(text) else 0
    bits = ~known & ((stops - starts) == 1) & np.isin(codes[starts] | 32, (ord("b"), ord("x")))
    bits[bits] = quotes[starts[bits] + 1]
    keep[starts[bits]] = False
    if not (known | bits).all():
        refuse_here("a word that is no value")


def _escaped(out: _Bytes, keep: _Mask, is_inside: _Mask) -> bytes:
    """Return the kept bytes; those inside quotes that COPY escapes become two."""
    kept = out[keep]
    letters = np.where(is_inside[keep], _LETTER_OF[kept], 0)
    if not letters.any():
        return kept.tobytes()
    wide = np.repeat(kept, 1 + (letters > 0))
    at = np.flatnonzero(letters)
    at += np.arange(len(at))
    wide[at] = ord("\\")
    wide[at + 1] = letters[letters > 0]
    return wide.tobytes()
