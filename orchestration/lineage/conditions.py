"""What a figure asks of a row, one condition after the other, and which of them a row fails first.

Belongs here: taking the definition of a figure's column apart. The conditions are those of the compiled SQL, so that
they cannot differ from what was counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlglot import exp, parse_one

from orchestration.lineage.column_lineage import DIALECT
from orchestration.lineage.project import ManifestError


@dataclass(frozen=True)
class Condition:
    """One condition, as SQL over the columns it reads, and their names."""

    sql: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Definition:
    """A fact table's select, and what each of its columns asks: conditions over the relation ``source`` within it."""

    select: exp.Select
    source: str
    conditions: Mapping[str, tuple[Condition, ...]]


def definition_of(sql: str, columns: Sequence[str]) -> Definition:
    """Take the columns' definitions apart, down to the first common table expression that joins others.

    Conditions that are joined by AND come one by one; anything else stays one condition.
    """
    select = parse_one(sql, dialect=DIALECT)
    if not isinstance(select, exp.Select):
        raise ManifestError("A figure's table should be defined by one select; see dbt's manifest.")
    made = {each.alias_or_name: each.expression for each in projections(select)}
    expressions = {column: made.get(column, exp.column(column)) for column in columns}
    source = _source(select)
    tables = {each.alias: each.this for each in select.ctes}
    while source in tables and (below := _passing_on(tables[source])) is not None:
        defined = {each.alias: each.this for each in tables[source].selects if isinstance(each, exp.Alias)}
        expressions = {name: _inlined(each, defined) for name, each in expressions.items()}
        source = below
    conditions = {name: tuple(_split(each)) for name, each in expressions.items()}
    return Definition(select, source or "", conditions)


@dataclass(frozen=True)
class Projected:
    """A column of a select: its name and what it is."""

    alias_or_name: str
    expression: exp.Expression


def projections(select: exp.Select) -> Iterator[Projected]:
    """The named columns of a select."""
    for each in select.selects:
        yield Projected(each.alias_or_name, each.this if isinstance(each, exp.Alias) else each)


def judged(
    connection: duckdb.DuckDBPyConnection, definition: Definition, subject_id: int
) -> Mapping[str, Mapping[str, Any]] | None:
    """Whether the subject's row meets each condition (by its SQL), with the values it reads; None without a row.

    What conditions read are classes and flags of the marts, never a person's data.
    """
    every = {each.sql: each for conditions in definition.conditions.values() for each in conditions}
    columns = sorted({column for each in every.values() for column in each.columns})
    query = exp.select(
        *(exp.alias_(parse_one(sql, dialect=DIALECT), f"c{n}") for n, sql in enumerate(every)),
        *(exp.alias_(exp.column(column), f"v{n}") for n, column in enumerate(columns)),
    ).from_(definition.source or "fct_subjects")
    for table in definition.select.ctes:
        query = query.with_(table.alias, as_=table.this.copy())
    query = query.where(exp.column("subject_id").eq(subject_id))
    rows = connection.execute(query.sql(DIALECT)).fetchall()
    if not rows:
        return None
    values = dict(zip(columns, rows[0][len(every) :], strict=True))
    return {
        sql: {"is_met": bool(rows[0][n]), "values": {name: values[name] for name in each.columns}}
        for n, (sql, each) in enumerate(every.items())
    }


def _source(select: exp.Select) -> str | None:
    """The one table a select reads without joining another."""
    source = select.args.get("from_") or select.args.get("from")
    if source is None or select.args.get("joins") or not isinstance(source.this, exp.Table):
        return None
    return str(source.this.name)


def _passing_on(query: exp.Expression) -> str | None:
    """The table below a select that only adds columns to all of another's."""
    if not isinstance(query, exp.Select) or query.args.get("where") or query.args.get("group"):
        return None
    return _source(query) if any(isinstance(each, exp.Star) for each in query.selects) else None


def _inlined(expression: exp.Expression, defined: Mapping[str, exp.Expression]) -> exp.Expression:
    def inline(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and node.name in defined:
            return exp.paren(defined[node.name].copy())
        return node

    return expression.copy().transform(inline)


def _split(expression: exp.Expression) -> Iterator[Condition]:
    """The conditions that are joined by AND, from left to right."""
    bare = expression.unnest()
    if isinstance(bare, exp.And):
        yield from _split(bare.left)
        yield from _split(bare.right)
        return
    columns = tuple(dict.fromkeys(column.name for column in bare.find_all(exp.Column)))
    yield Condition(bare.sql(DIALECT), columns)
