"""The lineage of one whole relation: every column's inputs and what decides its rows, or why it was not evaluated.

Belongs here: one relation and the one step behind it, for other tools. A figure's way through many is
:mod:`orchestration.lineage.path`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from orchestration.lineage.column_lineage import (
    ColumnRef,
    Columns,
    Input,
    NotEvaluatedError,
    SelectLineage,
    read_select,
)
from orchestration.lineage.project import Name, Project


@dataclass(frozen=True)
class RelationLineage:
    """The inputs of each column that was evaluated, and of the rows; ``unread`` names the others and why."""

    columns: Mapping[str, tuple[Input, ...]]
    rows: tuple[Input, ...]
    unread: Mapping[str, str]

    def refs(self) -> dict[str, list[ColumnRef]]:
        """The inputs of each column, each once, without how they bear on it."""
        return {column: sorted({each.ref for each in inputs}) for column, inputs in self.columns.items()}

    @property
    def reason(self) -> str | None:
        """What was not evaluated and why, in one line; None when everything was."""
        told = (f"{name}: {why}" for name, why in self.unread.items())
        return "; ".join(told) or None


ROWS = "rows"
"""How ``unread`` calls what decides the rows."""


def lineage_of(project: Project, known: Columns, name: Name) -> RelationLineage | None:
    """The lineage of a model; None for what no select makes (sources, seeds)."""
    sql = project.relation(name).sql
    if sql is None:
        return None
    try:
        select = read_select(sql, known)
    except NotEvaluatedError as error:
        return RelationLineage({}, (), {"select": str(error)})
    return _evaluated(select, known.get(name, ()))


def _evaluated(select: SelectLineage, columns: Iterable[str]) -> RelationLineage:
    found: dict[str, tuple[Input, ...]] = {}
    rows: tuple[Input, ...] = ()
    unread: dict[str, str] = {}
    for column in columns:
        try:
            found[column] = tuple(sorted(select.influences(column)))
        except NotEvaluatedError as error:
            unread[column] = str(error)
    try:
        rows = tuple(sorted(select.row_influences()))
    except NotEvaluatedError as error:
        unread[ROWS] = str(error)
    return RelationLineage(found, rows, unread)
