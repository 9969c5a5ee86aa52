"""Which Arrow type keeps which PostgreSQL type without loss, and when a column must stay text instead.

One table of types and its reasons; parsing belongs to ``copy_text``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pyarrow as pa

NO_LOSSLESS_TYPE = "no lossless Arrow type; text as PostgreSQL prints it"
OUT_OF_RANGE = (
    "holds values outside the Arrow type (infinity, BC, far years, NaN); text as PostgreSQL prints it"
)

_SIMPLE = {
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "text": pa.string(),
    "character varying": pa.string(),
    "character": pa.string(),
    "bpchar": pa.string(),
    "name": pa.string(),
    "date": pa.date32(),
    "timestamp without time zone": pa.timestamp("us"),
    "timestamp with time zone": pa.timestamp("us", tz="UTC"),
}
_DAY = r"\d{4,}-\d\d-\d\d"
_CLOCK = _DAY + r" \d\d:\d\d:\d\d(\.\d{1,6})?"
_PRINTED = {  # what PostgreSQL prints of types whose values may fall outside the Arrow type (DateStyle ISO)
    "date": rf"^(-?infinity|{_DAY}( BC)?)$",
    "timestamp without time zone": rf"^(-?infinity|{_CLOCK}( BC)?)$",
    "timestamp with time zone": rf"^(-?infinity|{_CLOCK}[+-]\d\d(:\d\d){{0,2}}( BC)?)$",
    "numeric": r"^(NaN|-?Infinity|-?\d+(\.\d+)?)$",
}
_MODIFIER = re.compile(r"\(([\d, -]+)\)")
_MOST_DIGITS = 38


@dataclass(frozen=True)
class ColumnType:
    """How a column is stored: ``arrow`` type, why it stays text (or None), and what its text must look like.

    ``printed`` is set for a type that may fall back to text: a pattern of PostgreSQL's printed form.
    """

    declared: str
    arrow: pa.DataType
    text_because: str | None = None
    printed: str | None = None

    def as_text(self) -> ColumnType:
        """Return the type as text, for a column that holds values outside the Arrow type."""
        return ColumnType(self.declared, pa.string(), OUT_OF_RANGE, self.printed)


def column_type(declared: str) -> ColumnType:
    """Return how a column of that PostgreSQL type (as pg_dump writes it) is stored."""
    base = " ".join(_MODIFIER.sub(" ", declared).split())
    if base in _SIMPLE:
        return ColumnType(declared, _SIMPLE[base], printed=_PRINTED.get(base))
    decimal = _decimal(declared) if base == "numeric" else None
    if decimal is not None:
        return ColumnType(declared, decimal, printed=_PRINTED["numeric"])
    return ColumnType(declared, pa.string(), NO_LOSSLESS_TYPE)


def _decimal(declared: str) -> pa.DataType | None:
    found = _MODIFIER.search(declared)
    if found is None:
        return None
    digits = [part.strip() for part in found[1].split(",")]
    if not all(re.fullmatch(r"-?\d{1,4}", part) for part in digits) or len(digits) > 2:
        return None
    precision, scale = int(digits[0]), int(digits[1]) if len(digits) == 2 else 0
    fits = 1 <= precision <= _MOST_DIGITS and 0 <= scale <= precision
    return pa.decimal128(precision, scale) if fits else None
