"""What the rows of an imported table say when they are counted, in DuckDB over its Parquet files. Judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import duckdb

from handover.contract.types import family
from handover.dump.manifest import ImportedTable

_TEST_NAME = r"^\s*(test|demo|thử|thu nghiem|thử nghiệm|abc|xxx+|asdf\w*)(\s|\d|$)"


def fields_of(table: ImportedTable) -> dict[str, str]:
    """The columns of a table as they are named in SQL over its files, by their names in the dump."""
    return {column.name: _quoted(column.field) for column in table.columns}


def newest_instant(connection: duckdb.DuckDBPyConnection, table: ImportedTable) -> datetime | None:
    """The latest instant in any column of a table; None where there is none."""
    instants = [
        _quoted(column.field)
        for column in table.columns
        if family(column.type) == "instant" and column.text_because is None
    ]
    if not instants or table.rows == 0:
        return None
    latest = ", ".join(f"max({column}) filter (where isfinite({column}))" for column in instants)
    micros = _value(rows_of(connection, table).aggregate(f"epoch_us(greatest({latest}))"))
    return None if micros is None else datetime.fromtimestamp(micros / 1e6, UTC)


def broken_keys(rows: duckdb.DuckDBPyRelation, key: Sequence[str]) -> int:
    """Rows whose key is empty or not theirs alone."""
    empty = " or ".join(f"{field} is null" for field in key)
    groups = rows.aggregate(f"count(*) as n, bool_or({empty}) as is_empty", ", ".join(key))
    return _value(groups.filter("n > 1 or is_empty").aggregate("coalesce(sum(n), 0)")) or 0


def lost_references(
    connection: duckdb.DuckDBPyConnection,
    rows: duckdb.DuckDBPyRelation,
    field: str,
    target: ImportedTable,
    column: str,
) -> int:
    """Rows whose field names nobody in the column of another table; none where that has no such column, or no row."""
    key = fields_of(target).get(column)
    if key is None or target.rows == 0:
        return 0
    referring = rows.filter(f"{field} is not null").set_alias("referring")
    referred = rows_of(connection, target).set_alias("referred")
    lost = referring.join(referred, f"referring.{field} = referred.{key}", how="anti")
    return _value(lost.aggregate("count(*)")) or 0


def trial_names(rows: duckdb.DuckDBPyRelation, field: str) -> int:
    """Rows whose name was typed to try something out."""
    tests = rows.filter(f"regexp_matches(lower({field}), '{_TEST_NAME}')")
    return _value(tests.aggregate("count(*)")) or 0


def _value(relation: duckdb.DuckDBPyRelation) -> int | None:
    (row,) = relation.fetchall()
    return None if row[0] is None else int(row[0])


def rows_of(connection: duckdb.DuckDBPyConnection, table: ImportedTable) -> duckdb.DuckDBPyRelation:
    """All rows of an imported table."""
    return connection.read_parquet(_files(table))


def _files(table: ImportedTable) -> list[str]:
    return [str(table.folder / file.name) for file in table.files]


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
