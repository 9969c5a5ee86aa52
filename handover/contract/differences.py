"""How the tables of a dump differ from the contract: missing, extra, of another type.

A difference is a finding, not a refusal; what to do about it is decided by who reads it.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from handover.contract.mapping import ColumnMapping, Mapping, TableMapping
from handover.contract.types import family
from handover.findings import Severity

ALIKE = 0.6
"""From which likeness of spelling on (difflib's ratio) another name is offered as the new one."""

Columns = abc.Mapping[str, str]
"""A table's columns: vendor's name -> type, as PostgreSQL or DuckDB spells it."""


class DifferenceKind(StrEnum):
    """In which way a dump and the contract disagree."""

    TABLE_MISSING = "table_missing"
    TABLE_EXTRA = "table_extra"
    COLUMN_MISSING = "column_missing"
    COLUMN_EXTRA = "column_extra"
    OTHER_TYPE = "other_type"


@dataclass(frozen=True)
class ContractDifference:
    """One disagreement about a vendor's table, or about one of its columns."""

    kind: DifferenceKind
    vendor_table: str
    vendor_column: str | None
    severity: Severity
    message: str


def differences(mapping: Mapping, tables: abc.Mapping[str, Columns]) -> tuple[ContractDifference, ...]:
    """Compare a dump's tables (``schema.table`` -> columns) with the contract, table by table.

    Severities: critical where a required table or column is missing, since no figure stands without it; major
    where a value may not survive the cast to our type; minor where an optional thing is missing; info for
    what the contract doesn't know, because nobody has decided what to do with it.
    """
    known = {each.vendor_table: each for each in mapping.tables}
    found: list[ContractDifference] = []
    for name, table in known.items():
        if name in tables:
            found += _column_differences(table, tables[name])
        else:
            others = tables.keys() - known.keys()
            message = f"The dump lacks the table {name} ({table.grain}).{_renamed(name, others)}"
            found.append(_missing(DifferenceKind.TABLE_MISSING, name, None, table.required, message))
    for name in sorted(tables.keys() - known.keys()):
        message = f"The dump holds a table {name} that the contract doesn't know."
        found.append(ContractDifference(DifferenceKind.TABLE_EXTRA, name, None, Severity.INFO, message))
    return tuple(found)


def _column_differences(table: TableMapping, columns: Columns) -> Iterator[ContractDifference]:
    name = table.vendor_table
    extras = columns.keys() - {each.vendor_column for each in table.columns}
    for column in table.columns:
        if column.vendor_column not in columns:
            others = {each for each in extras if family(columns[each]) == family(column.type)}
            renamed = _renamed(column.vendor_column, others)
            message = f"The table {name} lacks the column {column.vendor_column} ({column.meaning}).{renamed}"
            yield _missing(
                DifferenceKind.COLUMN_MISSING, name, column.vendor_column, column.required, message
            )
        else:
            yield from _type_difference(name, column, columns[column.vendor_column])
    for extra in sorted(extras):
        message = f"The table {name} has a column {extra} that the contract doesn't know."
        yield ContractDifference(DifferenceKind.COLUMN_EXTRA, name, extra, Severity.INFO, message)


def _renamed(name: str, others: Collection[str]) -> str:
    """A sentence on what it may be called now, where a name of the same kind is alike."""
    alike = get_close_matches(name, sorted(others), n=2, cutoff=ALIKE)
    return f" It may be called {' or '.join(alike)} now." if alike else ""


def _type_difference(table: str, column: ColumnMapping, found: str) -> Iterator[ContractDifference]:
    expected, actual = family(column.type), family(found)
    if expected == actual:
        return
    severity = Severity.MINOR if expected == "text" else Severity.MAJOR
    message = f"The column {table}.{column.vendor_column} is {found}; the contract expects {column.type}."
    yield ContractDifference(DifferenceKind.OTHER_TYPE, table, column.vendor_column, severity, message)


def _missing(
    kind: DifferenceKind, table: str, column: str | None, is_required: bool, message: str
) -> ContractDifference:
    severity = Severity.CRITICAL if is_required else Severity.MINOR
    return ContractDifference(kind, table, column, severity, message)
