"""COPY text to Arrow: fields to values of their types, escapes decoded, NULL and empty kept apart.

The bulk goes through Arrow's own reader; only strings that hold a backslash are decoded further, all at once.
Cutting a table's text into chunks and naming its columns doesn't belong here.
Format: https://www.postgresql.org/docs/current/sql-copy.html, "Text Format".
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from handover.dump.column_types import ColumnType
from handover.dump.errors import refuse
from handover.dump.rows import RowChunk, between_escapes

_LARGE = 32 << 20  # bytes of a column in one chunk, from which it holds long values
_PIECE = 1 << 20
_BACKSLASH = re.compile(rb"\\")
_STAND_IN = b"\0"  # for an escaped backslash: PostgreSQL's text never holds it
_LETTERS = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_RARE = re.compile(rb"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|([^\0])|(\Z|\0))", re.DOTALL)
_FORBIDDEN = {b"\r": "a carriage return that isn't escaped", b"\0": "a zero byte"}


class Misfit(Exception):
    """Columns (by position) hold values outside their Arrow types, though PostgreSQL may print such values."""

    def __init__(self, columns: frozenset[int]) -> None:
        self.columns = columns
        super().__init__(f"{len(columns)} columns hold values outside their types")


def parse_rows(chunk: RowChunk, types: Sequence[ColumnType]) -> pa.Table:
    """Return the rows as a table with columns named by position.

    Raises :class:`Misfit` when columns must be read as text instead, and :class:`DumpError` when the text isn't
    what COPY writes for these columns: other numbers of fields, values no such column can hold, broken text.
    """
    for byte, name in _FORBIDDEN.items():
        if byte in chunk.text:
            refuse(chunk.place, "rows as COPY writes them", name)
    if not types:
        return _rows_without_columns(chunk)
    if len(types) == 1 and (chunk.text.startswith(b"\\.\n") or b"\n\\.\n" in chunk.text):
        refuse(chunk.place, "the closing line after all rows", "one between them")
    try:
        table = _read(chunk.text, [t.arrow for t in types])
    except pa.ArrowException:
        _explain(chunk, types)
    if table.num_rows != chunk.rows:
        refuse(chunk.place, f"{chunk.rows} rows", f"{table.num_rows}")
    chunk.text = b""
    columns = [_decoded(table.column(i), types[i], chunk) for i in range(len(types))]
    return pa.table(columns, names=table.column_names)


def _read(text: bytes | bytearray, types: Sequence[pa.DataType], only: int | None = None) -> pa.Table:
    names = [str(i) for i in range(len(types))]
    return pyarrow.csv.read_csv(
        pa.BufferReader(text),
        read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=len(text) + 1, column_names=names),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter="\t", quote_char=False, escape_char=False, ignore_empty_lines=False
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict(zip(names, types, strict=True)),
            include_columns=names if only is None else [names[only]],
            null_values=["\\N"],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
        ),
    )


def _rows_without_columns(chunk: RowChunk) -> pa.Table:
    if chunk.text != b"\n" * chunk.rows:
        refuse(chunk.place, "empty rows of a table without columns", "something else")
    return pa.table({"0": pa.nulls(chunk.rows)}).select([])


def _explain(chunk: RowChunk, types: Sequence[ColumnType]) -> None:
    """Find the columns that can't be read; Arrow's own message would quote what the row holds."""
    rows = f"{chunk.rows} rows from row {chunk.first_row} on"
    try:
        _read(chunk.text, [pa.binary()] * len(types))
    except pa.ArrowException:
        refuse(chunk.place, f"{rows} with {len(types)} fields each", "a row with another number of fields")
    wrong = frozenset(i for i in range(len(types)) if not _is_readable(chunk.text, types, i))
    for i in sorted(wrong):
        if types[i].printed is None or types[i].arrow == pa.string():
            refuse(chunk.place, f"{types[i].declared} in column {i + 1} of the {rows}", "something else")
    raise Misfit(wrong)


def _is_readable(text: bytes | bytearray, types: Sequence[ColumnType], column: int) -> bool:
    try:
        _read(text, [t.arrow if i == column else pa.binary() for i, t in enumerate(types)], column)
    except pa.ArrowException:
        return False
    return True


def _decoded(column: pa.ChunkedArray, type_: ColumnType, chunk: RowChunk) -> pa.Array | pa.ChunkedArray:
    values = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0)
    if type_.arrow != pa.string():
        return values
    if type_.printed is not None:
        _check_printed(values, type_, chunk)
    elif (data := values.buffers()[2]) is not None and _BACKSLASH.search(memoryview(data)):
        return decode_escapes(values, chunk) if len(data) < _LARGE else _decode_large(values, chunk)
    return values


def _check_printed(values: pa.Array, type_: ColumnType, chunk: RowChunk) -> None:
    if pc.all(pc.match_substring_regex(values, type_.printed)).as_py() is False:
        refuse(chunk.place, f"{type_.declared} as PostgreSQL prints it", "something else")


def decode_escapes(values: pa.Array, chunk: RowChunk) -> pa.Array:
    """Return the strings with COPY's escapes decoded; those without a backslash stay as they are."""
    mask = pc.match_substring(values, "\\")  # null where the value is: it stays null below
    raw = _unescaped(values.filter(mask).cast(pa.binary()), chunk)
    return pc.replace_with_mask(values, mask, _as_text(raw, chunk))


def _unescaped(raw: pa.Array, chunk: RowChunk) -> pa.Array:
    raw = pc.replace_substring(raw, b"\\\\", _STAND_IN)
    for letter, byte in _LETTERS.items():
        raw = pc.replace_substring(raw, b"\\" + letter, byte)
    if pc.any(pc.match_substring(raw, b"\\")).as_py():
        raw = _decode_rare(raw, chunk)
    return pc.replace_substring(raw, _STAND_IN, b"\\")


def _as_text(raw: pa.Array, chunk: RowChunk) -> pa.Array:
    try:
        return raw.cast(pa.string())
    except pa.ArrowInvalid:
        refuse(chunk.place, "escapes that make UTF-8 text", "bytes that do not")


def _decode_large(values: pa.Array, chunk: RowChunk) -> pa.ChunkedArray:
    """Decode like :func:`decode_escapes`, long values one by one and in pieces."""
    decoded: list[pa.Array] = []
    begin = 0
    long = pc.indices_nonzero(pc.fill_null(pc.greater(pc.binary_length(values), _PIECE), False))  # noqa: FBT003
    for index in [*long.to_pylist(), len(values)]:
        if index > begin:
            decoded.append(decode_escapes(values.slice(begin, index - begin), chunk))
        if index < len(values):
            decoded.append(_decode_long(values[index].as_buffer(), chunk))
        begin = index + 1
    return pa.chunked_array(decoded, pa.string())


def _decode_long(value: pa.Buffer, chunk: RowChunk) -> pa.Array:
    """Return one value, decoded piece by piece into memory that is taken once: no escape makes a value longer."""
    given, decoded = memoryview(value), pa.allocate_buffer(value.size)
    into, at, end = memoryview(decoded).cast("B"), 0, 0
    while at < len(given):
        piece = given[at : at + _PIECE].tobytes()
        piece = piece if at + len(piece) == len(given) else piece[: between_escapes(piece)]
        plain = _unescaped(pa.array([piece], pa.binary()), chunk)[0].as_py()
        into[end : end + len(plain)] = plain
        at, end = at + len(piece), end + len(plain)
    offsets = pa.py_buffer(array("i", [0, end]))
    return _as_text(pa.Array.from_buffers(pa.binary(), 1, [None, offsets, decoded]), chunk)


def _decode_rare(raw: pa.Array, chunk: RowChunk) -> pa.Array:
    """Decode the escapes pg_dump never writes (octal, hexadecimal, any other character), one value at a time."""

    def decoded(found: re.Match[bytes]) -> bytes:
        hexadecimal, octal, other, _ = found.groups()
        if hexadecimal or octal:
            code = int(hexadecimal, 16) if hexadecimal else int(octal, 8) & 0xFF
            return bytes([code]) if code else refuse(chunk.place, "text", "a zero byte")
        return other if other else refuse(chunk.place, "an escape", "a backslash at a field's end")

    return pa.array((_RARE.sub(decoded, value) for value in raw.to_pylist()), pa.binary())
