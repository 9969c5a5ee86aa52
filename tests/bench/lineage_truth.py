"""Which columns a figure's rows truly come from, found by experiment: change one column at a time and count anew.

Nothing here reads SQL. The compiled models run again over tables in which a single column of a source or seed was
emptied, handed on to the next row, or altered; a figure whose row set changes depends on that column. What no
change moves may depend on it all the same: the experiment proves columns, it does not rule any out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from orchestration.lineage.column_lineage import ColumnRef
from orchestration.lineage.project import Name, Project, Relation

FACT = Name("marts", "fct_subjects")
ADDRESS = {"_delivery", "_table", "_row"}
"""Perturbing these changes how rows are called, not which there are: for them counts decide, not row sets."""
CHANGES = {
    "VARCHAR": "{0} || 'x'",
    "BOOLEAN": "not {0}",
    "DATE": "{0} + interval 40 day",
    "TIMESTAMP WITH TIME ZONE": "{0} + interval 40 day",
}
NUMBERS = {
    "BIGINT",
    "INTEGER",
    "UBIGINT",
    "HUGEINT",
    "DOUBLE",
    "SMALLINT",
    "TINYINT",
    "USMALLINT",
    "UINTEGER",
}

Proven = dict[str, set[ColumnRef]]


def proven(home: Path, project: Project, figures: Iterable[str]) -> Proven:
    """The columns of sources and seeds that move the rows of each figure (a column of the fact table)."""
    wanted = list(figures)
    models = list(reversed(project.upstream([FACT])))
    with duckdb.connect() as connection:
        _load(connection, home, models)
        _build(connection, models)
        before = _row_sets(connection, wanted, by_row=True), _row_sets(connection, wanted, by_row=False)
        found: Proven = {figure: set() for figure in wanted}
        for relation in [each for each in models if not each.sql]:
            behind = [model for model in models if model.sql and relation in project.upstream([model.name])]
            for column, changed in _changes(connection, relation.name):
                moved = _moved(connection, relation.name, changed, behind, wanted, before, column)
                for figure in moved:
                    found[figure].add(ColumnRef(relation.name, column))
            _build(connection, behind)
    return found


def _load(connection: duckdb.DuckDBPyConnection, home: Path, models: Iterable[Relation]) -> None:
    connection.execute(f"attach '{home / 'warehouse.duckdb'}' as home (read_only)")
    connection.execute("attach ':memory:' as warehouse")
    connection.execute("use warehouse")
    connection.execute("set variable digest_key = 'experiment'")
    for relation in models:
        connection.execute(f"create schema if not exists {relation.name.schema}")
        if not relation.sql:
            connection.execute(f"create table {relation.name} as from home.{relation.name}")
            connection.execute(f'create table "{relation.name}@" as from home.{relation.name}')


def _build(connection: duckdb.DuckDBPyConnection, models: Iterable[Relation]) -> None:
    for model in models:
        if model.sql:
            connection.execute(f"create or replace table {model.name} as {model.sql}")


def _changes(connection: duckdb.DuckDBPyConnection, name: Name) -> Iterator[tuple[str, str]]:
    """Every column of a table with the selects that give the table with this column changed."""
    for column, type_, *_ in connection.execute(f"describe {name}").fetchall():
        here = f'"{column}"'
        ways = [f"null::{type_}", f"lead({here}, 1, first) over (order by hash({here}, n))"]
        ways += [CHANGES[type_].format(here)] if type_ in CHANGES else []
        ways += [f"{here} + 1"] if type_ in NUMBERS else []
        for way in ways:
            numbered = f'(select *, row_number() over () as n, min({here}) over () as first from "{name}@")'
            yield column, f"select * exclude (n, first) replace (({way})::{type_} as {here}) from {numbered}"


def _moved(
    connection: duckdb.DuckDBPyConnection,
    name: Name,
    changed: str,
    behind: Iterable[Relation],
    figures: list[str],
    before: tuple[list[object], list[object]],
    column: str,
) -> Iterator[str]:
    try:
        connection.execute(f"create or replace table {name} as {changed}")
        _build(connection, behind)
        by_row = column not in ADDRESS
        after = _row_sets(connection, figures, by_row=by_row)
        yield from (f for f, old, new in zip(figures, before[not by_row], after, strict=True) if old != new)
    except duckdb.Error:
        return  # a change that the models refuse proves nothing
    finally:
        connection.execute(f'create or replace table {name} as from "{name}@"')


def _row_sets(connection: duckdb.DuckDBPyConnection, figures: Iterable[str], *, by_row: bool) -> list[object]:
    row = "sum(hash(_delivery, _table, _row))" if by_row else "count(*)"
    sets = ", ".join(f"{row} filter (where {figure})" for figure in figures)
    counted = connection.execute(f"select {sets} from {FACT}").fetchone()
    return list(counted or ())
