"""Which columns of which relations one select's columns come from, and which decide its rows.

Belongs here: one statement at a time, by sqlglot. Walking from model to model is :mod:`orchestration.lineage.path`.
What cannot be read raises :class:`NotEvaluatedError`; nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from orchestration.lineage.influence import AS_IT_IS, Influence, Kind, influence_of
from orchestration.lineage.project import Name

DIALECT = "duckdb"
Columns = Mapping[Name, tuple[str, ...]]
"""The columns of each relation of the warehouse."""


class NotEvaluatedError(Exception):
    """A statement, or a part of it, could not be read; the message says which and why."""


@dataclass(frozen=True, order=True)
class ColumnRef:
    """A column of a relation of the warehouse."""

    name: Name
    column: str

    def __str__(self) -> str:
        return f"{self.name}.{self.column}"


@dataclass(frozen=True, order=True)
class Input:
    """A column that another one, or the rows of a relation, come from, and how."""

    ref: ColumnRef
    influence: Influence


@dataclass(frozen=True)
class SelectLineage:
    """The lineage of one select. Build it with :func:`read_select`."""

    _root: Scope
    _homes: Mapping[int, Scope]
    _memo: dict[tuple[int, str], frozenset[Input]] = field(default_factory=dict)

    def inputs(self, column: str) -> frozenset[ColumnRef]:
        """The columns this output column is computed from; empty for a constant."""
        return frozenset(each.ref for each in self.influences(column))

    def influences(self, column: str) -> frozenset[Input]:
        """The same with how each bears on it; one that does so in several ways stands there once for each."""
        return self._resolve(self._root, column.lower())

    def row_inputs(self) -> frozenset[ColumnRef]:
        """The columns that decide which rows there are: filters, joins, groups, in every step of the select."""
        return frozenset(each.ref for each in self.row_influences())

    def row_influences(self) -> frozenset[Input]:
        """The same with how each does so."""
        found: set[Input] = set()
        for scope in self._reached():
            for kind, clause in _row_clauses(scope.expression):
                found |= self._columns_in(clause, scope, Influence(kind))
        return frozenset(found)

    def relations(self) -> frozenset[Name]:
        """Every relation the select reads."""
        tables = (
            source
            for scope in self._reached()
            for source in scope.sources.values()
            if isinstance(source, exp.Table)
        )
        return frozenset(_name_of(table) for table in tables)

    def _reached(self) -> Iterable[Scope]:
        scopes: Iterable[Scope] = self._root.traverse()
        return scopes

    def _resolve(self, scope: Scope, column: str) -> frozenset[Input]:
        key = (id(scope), column)
        if key not in self._memo:
            self._memo[key] = frozenset()  # a recursive step adds nothing to itself
            self._memo[key] = self._inputs_in(scope, column)
        return self._memo[key]

    def _inputs_in(self, scope: Scope, column: str) -> frozenset[Input]:
        expression = scope.expression
        if isinstance(expression, exp.SetOperation):
            if expression.args.get("by_name"):
                raise NotEvaluatedError("it unites selects by name")
            position = _position(expression, column)
            parts = ((part, part.expression.named_selects) for part in scope.set_operation_scopes)
            found = (self._resolve(part, names[position].lower()) for part, names in parts)
            return frozenset[Input]().union(*found)
        if isinstance(expression, exp.UDTF):
            return self._columns_in(expression, scope)
        if not isinstance(expression, exp.Select):
            raise NotEvaluatedError(f"a {type(expression).__name__.lower()} gives the column {column}")
        return self._columns_in(expression.selects[_position(expression, column)], scope)

    def _columns_in(
        self, expression: exp.Expr, scope: Scope, outer: Influence = AS_IT_IS
    ) -> frozenset[Input]:
        found: set[Input] = set()
        for column in expression.find_all(exp.Column):
            here = outer.after(influence_of(column, expression))
            for each in self._trace(column, self._homes.get(id(column), scope)):
                found.add(Input(each.ref, here.after(each.influence)))
        return frozenset(found)

    def _trace(self, column: exp.Column, scope: Scope) -> frozenset[Input]:
        name = column.name.lower()
        source = scope.sources.get(column.table)
        if isinstance(source, Scope):
            return self._resolve(source, name)
        if isinstance(source, exp.Table):
            return frozenset({Input(ColumnRef(_name_of(source), name), AS_IT_IS)})
        if not column.table and name in (given.lower() for given in scope.expression.named_selects):
            return self._resolve(scope, name)
        raise NotEvaluatedError(f"it is not clear where the column {name} comes from")


def read_select(sql: str, columns: Columns) -> SelectLineage:
    """Read one select of the warehouse's dialect; raises :class:`NotEvaluatedError` with the reason."""
    return _read_select(sql, tuple(sorted((name, tuple(each)) for name, each in columns.items())))


@lru_cache(maxsize=256)
def _read_select(sql: str, known: tuple[tuple[Name, tuple[str, ...]], ...]) -> SelectLineage:
    """Kept: many figures come the same way, and reading a select costs more than following its columns."""
    columns = dict(known)
    try:
        parsed = sqlglot.parse_one(sql, dialect=DIALECT)
        if not isinstance(parsed, exp.Query):
            raise NotEvaluatedError("its SQL is not one select")
        for table in parsed.find_all(exp.Table):
            table.set("catalog", None)
            if table.args.get("pivots"):
                raise NotEvaluatedError("it pivots")
        schema = _schema_for(parsed, columns)
        qualified = qualify(parsed, schema=schema, dialect=DIALECT, quote_identifiers=False)
        root = build_scope(qualified)
    except SqlglotError as error:
        raise NotEvaluatedError(f"sqlglot cannot read its SQL ({_short(error)})") from error
    except RecursionError as error:
        raise NotEvaluatedError("its SQL is nested too deeply") from error
    if root is None:
        raise NotEvaluatedError("its SQL is not one select")
    homes = {id(column): scope for scope in root.traverse() for column in scope.columns}
    return SelectLineage(root, homes)


_ROW_CLAUSES = {
    "where": Kind.FILTER,
    "having": Kind.FILTER,
    "qualify": Kind.FILTER,
    "group": Kind.GROUP_BY,
    "distinct": Kind.GROUP_BY,
}


def _row_clauses(select: exp.Expr) -> Iterable[tuple[Kind, exp.Expr]]:
    """The parts of a select that decide which rows it gives."""
    kinds = _ROW_CLAUSES | ({"order": Kind.SORT} if select.args.get("limit") else {})
    clauses = [(kind, select.args.get(name)) for name, kind in kinds.items()]
    clauses += [(Kind.JOIN, join.args.get("on")) for join in select.args.get("joins") or []]
    if (group := select.args.get("group")) and group.args.get("all"):
        clauses += [(Kind.GROUP_BY, each) for each in select.expressions if not each.find(exp.AggFunc)]
    return [(kind, clause) for kind, clause in clauses if isinstance(clause, exp.Expr)]


def _schema_for(parsed: exp.Query, columns: Columns) -> dict[str, dict[str, dict[str, str]]]:
    """The columns of the relations this select reads, as sqlglot takes them; types do not matter here."""
    wanted: dict[str, dict[str, dict[str, str]]] = {}
    for table in parsed.find_all(exp.Table):
        name = Name(table.db.lower(), table.name.lower())
        if name in columns:
            wanted.setdefault(name.schema, {})[name.relation] = dict.fromkeys(columns[name], "unknown")
    return wanted


def _position(expression: exp.Query, column: str) -> int:
    names = [name.lower() for name in expression.named_selects]
    if column not in names:
        raise NotEvaluatedError(f"no column {column} is selected by name")
    return names.index(column)


def _name_of(table: exp.Table) -> Name:
    if not table.name or not table.db:
        raise NotEvaluatedError(f"it reads {table.sql(DIALECT)[:60]}, which is no relation of the warehouse")
    return Name(table.db.lower(), table.name.lower())


def _short(error: SqlglotError) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:160]
