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
    """The error's kind and first line, without what it quotes."""
    return f"{type(error).__name__}: {cleaned_text(str(error))}"


def cleaned_text(text: str) -> str:
    """The first line with quoted text, long numbers and non-ASCII letters masked: DuckDB quotes cell values."""
    lines = text.strip().splitlines() or [""]
    return _QUOTED.sub("…", lines[0])
