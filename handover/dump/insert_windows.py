"""A window of INSERT statements to COPY text, all its values at once.

The parity of quotes tells what is text; all else is then compared byte for byte with what pg_dump writes. Only what
has that form exactly is converted here: other windows are left to ``insert_text``, which reads value by value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

WORDS = {b"NULL": b"\\N", b"DEFAULT": b"\\N", b"true": b"t", b"false": b"f"}
"""Words that are values, and COPY's for them; what DEFAULT gave in a generated column isn't in the dump: NULL."""

ESCAPES = {
    b"\\": b"\\\\",  # before those that are made of it
    b"\b": b"\\b",
    b"\t": b"\\t",
    b"\n": b"\\n",
    b"\v": b"\\v",
    b"\f": b"\\f",
    b"\r": b"\\r",
}
LONGEST_NUMBER = 64
"""Bytes; numbers are compared one place after the other, so longer ones are left to the other way."""

_SPARE = [bytes([code]) for code in (*range(8), *range(14, 32), 127, *range(0xF5, 0x100))]
"""Bytes that text hardly holds: stand-ins for tab, line end and backslash until text's own are escaped."""

_CONFLICT = b" ON CONFLICT DO NOTHING"
_IN_NUMBER = np.isin(np.arange(256), list(b"+-.0123456789eE"))
_BEGINS_NUMBER = np.isin(np.arange(256), list(b"+-.0123456789"))

_Bytes = npt.NDArray[np.uint8]
_Mask = npt.NDArray[np.bool_]
_Places = npt.NDArray[np.int64]


class Unusual(Exception):
    """The window holds what is to be read value by value, or no whole row."""


@dataclass(frozen=True)
class WindowRows:
    """A window's whole rows as COPY text, where the last one ends, and whether it ends inside a statement."""

    text: bytes
    end: int
    fields: int
    is_inside: bool


@dataclass(frozen=True)
class _Marks:
    """Where what structures statements stands: parentheses, commas and semicolons outside of text; and quotes."""

    places: _Places
    kinds: _Bytes
    opening: _Places
    closing: _Places


@dataclass(frozen=True)
class _Window:
    """A window's bytes, what becomes of them, and which of them stay."""

    codes: _Bytes
    copied: _Bytes
    stays: _Mask

    def drop(self, places: _Places, text: bytes) -> None:
        """Drop ``text``, which must stand at each of the places."""
        if len(places):
            shape, kind = (len(self.codes) - len(text) + 1,), f"V{len(text)}"
            _require(
                np.ndarray(shape, kind, self.codes, strides=(1,))[places].tobytes() == text * len(places)
            )
            np.ndarray(shape, kind, self.stays, strides=(1,))[places] = np.zeros((), kind)

    def replace(self, places: _Places, text: bytes, new: bytes) -> None:
        """Replace ``text``, which must stand at each of the places, by one that isn't longer."""
        self.drop(places, text)
        for index, code in enumerate(new):
            self.copied[places + index] = code
            self.stays[places + index] = True


def rows_at_once(text: memoryview, header: bytes, fields: int, is_inside: bool) -> WindowRows:
    """Convert the whole rows of a window that begins with a statement, or ``is_inside`` one with a row.

    ``header`` holds neither quotes of strings nor semicolons; ``fields`` is 0 where a row's number isn't known yet.
    Raises :class:`Unusual` unless every byte is as pg_dump writes it, and where there is no whole row.
    """
    codes = np.frombuffer(text, np.uint8)
    marks = _marks(codes, header, is_inside)
    fields = fields or int((marks.kinds == ord(")")).argmax()) if len(marks.kinds) else 0
    count = len(marks.places) // (fields + 2)
    _require(fields and count)
    shape = (count, fields + 2)
    grid = marks.places[: shape[0] * shape[1]].reshape(shape)
    kinds = marks.kinds[: shape[0] * shape[1]].reshape(shape)
    ends_statement = kinds[:, -1] == ord(";")
    row = np.frombuffer(b"(" + b"," * (fields - 1) + b")", np.uint8)
    _require((kinds[:, :-1] == row).all() and (ends_statement | (kinds[:, -1] == ord(","))).all())
    end = int(grid[-1, -1]) + 1
    window = _Window(codes[:end], codes[:end].copy(), np.ones(end, np.bool_))
    _drop_between_rows(window, grid, ends_statement, header, is_inside)
    whole = bytes(text[:end])
    spare = [byte for byte in _SPARE if byte not in whole][:3]
    _require(len(spare) == 3)
    _replace_values(window, grid, marks, spare)
    return WindowRows(_escaped(window, spare), end, fields, not ends_statement[-1])


def _escaped(window: _Window, spare: list[bytes]) -> bytes:
    """Return what stays, text's own tabs and the like escaped, and the stand-ins replaced by what they stand for."""
    copied = window.copied[window.stays].tobytes()
    for byte, escape in ESCAPES.items():
        copied = copied.replace(byte, escape)
    return copied.translate(bytes.maketrans(b"".join(spare), b"\t\n\\"))


def _require(is_usual: object) -> None:
    if not is_usual:
        raise Unusual


def _marks(codes: _Bytes, header: bytes, is_inside: bool) -> _Marks:
    """Find the marks outside of text, without those of the headers."""
    is_mark = (codes - np.uint8(ord("'"))) < 3  # quote and parentheses follow one another
    is_mark |= codes == ord(",")
    is_mark |= codes == ord(";")
    places = np.flatnonzero(is_mark)
    kinds = codes[places]
    is_quote = kinds == ord("'")
    is_odd = (np.cumsum(is_quote, dtype=np.uint8) & 1).view(np.bool_)
    opening, closing = places[is_quote & is_odd], places[is_quote & ~is_odd]
    is_outside = ~(is_quote | is_odd)
    places, kinds = places[is_outside], kinds[is_outside]
    begins = np.flatnonzero(kinds == ord(";")) + 1
    if not is_inside:
        begins = np.concatenate((np.zeros(1, np.int64), begins))
    is_row = np.ones(len(places), np.bool_)
    for number in range(sum(header.count(mark) for mark in b"(),")):
        of_header = begins + number
        is_row[of_header[of_header < len(places)]] = False
    return _Marks(places[is_row], kinds[is_row], opening, closing)


def _drop_between_rows(
    window: _Window,
    grid: _Places,
    ends_statement: _Mask,
    header: bytes,
    is_inside: bool,
) -> None:
    leads = [b" (", b"\n\t("]
    begin, end = int(grid[0, 0]) + 1, int(grid[-1, -2]) + 1
    _require(
        window.codes[:begin].tobytes() in ([leads[1]] if is_inside else [header + lead for lead in leads])
    )
    _require(window.codes[end:].tobytes() in ((_CONFLICT + b";", b";") if ends_statement[-1] else (b",",)))
    window.stays[:begin] = window.stays[end:] = False
    ends = grid[:-1, -2] + 1
    lengths = grid[1:, 0] + 1 - ends
    between = [tail + b"\n" + header + lead for tail in (b";", _CONFLICT + b";") for lead in leads]
    for is_here, texts in ((ends_statement[:-1], between), (~ends_statement[:-1], [b",\n\t("])):
        found = lengths[is_here]
        if len(found):
            fitting = [text for text in texts if len(text) == found[0]]
            _require(fitting and (found == found[0]).all())
            window.drop(ends[is_here], fitting[0])


def _replace_values(window: _Window, grid: _Places, marks: _Marks, spare: list[bytes]) -> None:
    tab, line_end, backslash = spare
    window.replace(grid[:, 1:-2].ravel(), b", ", tab)
    window.copied[grid[:, -2]] = ord(line_end)
    begins, ends = grid[:, :-2] + 2, grid[:, 1:-1]
    begins[:, 0] -= 1
    first = window.codes[begins]
    is_text = first == ord("'")
    _drop_quotes(window, begins[is_text], ends[is_text], marks)
    begins, lengths, first = begins[~is_text], (ends - begins)[~is_text], first[~is_text]
    is_number = _BEGINS_NUMBER[first]
    for word, copied in WORDS.items():
        chosen = first == word[0]
        _require((lengths[chosen] == len(word)).all())
        window.replace(begins[chosen], word, copied.replace(b"\\", backslash))
        is_number |= chosen
    _require(is_number.all())
    is_number = _BEGINS_NUMBER[first]
    _check_numbers(window.codes, begins[is_number], lengths[is_number])


def _drop_quotes(window: _Window, begins: _Places, ends: _Places, marks: _Marks) -> None:
    """Drop the quotes around text and one of each two within it."""
    count = int(np.searchsorted(marks.closing, len(window.codes)))
    opening, closing = marks.opening[:count], marks.closing[:count]
    is_outer = np.ones(count + 1, np.bool_)
    is_outer[1:-1] = opening[1:] != closing[:-1] + 1
    outer = opening[is_outer[:-1]]
    _require(np.array_equal(outer, begins) and np.array_equal(closing[is_outer[1:]], ends - 1))
    window.stays[outer] = False
    window.stays[closing] = False


def _check_numbers(codes: _Bytes, begins: _Places, lengths: _Places) -> None:
    if not len(lengths):
        return
    _require(lengths.min() > 0 and lengths.max() <= LONGEST_NUMBER)
    for index in range(1, int(lengths.max())):
        is_longer = lengths > index
        begins, lengths = begins[is_longer], lengths[is_longer]
        _require(_IN_NUMBER[codes[begins + index]].all())
