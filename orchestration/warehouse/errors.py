"""Errors of the warehouse: sentences with a remedy, cleaned of every cell value DuckDB may quote."""

from __future__ import annotations

import re

import duckdb

_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|\d{4,}|[^\x00-\x7f]+")


class WarehouseError(Exception):
    """Something in the warehouse is not as the work at hand needs it."""


class WarehouseBusy(WarehouseError):
    """Another process writes the warehouse."""


def cleaned(error: duckdb.Error) -> str:
    """The error's kind and first lines, without what they quote."""
    return f"{type(error).__name__}: {cleaned_text(str(error))}"


SAID_LINES = 3


def cleaned_text(text: str) -> str:
    """The first lines with quoted text, long numbers and non-ASCII letters masked: DuckDB quotes cell values."""
    lines = [line.strip() for line in text.strip().splitlines()[:SAID_LINES]]
    return _QUOTED.sub("…", " ".join(lines))
