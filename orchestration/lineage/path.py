"""The way of one column through the project: every column it is computed from or filtered by, back to the sources.

Belongs here: walking from relation to relation. One statement's lineage is
:mod:`orchestration.lineage.column_lineage`; what a source's column is called by the vendor is
:mod:`orchestration.lineage.origin`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from orchestration.lineage.column_lineage import (
    ColumnRef,
    Columns,
    NotEvaluatedError,
    SelectLineage,
    read_select,
)
from orchestration.lineage.project import Kind, Name, Project, Relation

READ = frozenset({Kind.MODEL, Kind.SNAPSHOT})
"""Relations made by a select; the way ends at all others."""


class Use(StrEnum):
    """How a column reaches the figure: its value is computed from it, or it filters, joins, groups or ranks rows."""

    DIRECT = "direct"
    INDIRECT = "indirect"


@dataclass(frozen=True)
class Step:
    """One column on the way and what it is computed from; ``reason`` says why it was not evaluated."""

    ref: ColumnRef
    use: Use
    inputs: tuple[ColumnRef, ...]
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The step as plain values."""
        return {
            "relation": str(self.ref.name),
            "column": self.ref.column,
            "use": self.use.value,
            "status": "evaluated" if self.reason is None else "not evaluated",
            "reason": self.reason,
            "inputs": [str(ref) for ref in self.inputs],
        }


@dataclass(frozen=True)
class RowStep:
    """One relation on the way and the columns that decide which rows it has."""

    name: Name
    inputs: tuple[ColumnRef, ...]
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The step as plain values."""
        return {
            "relation": str(self.name),
            "status": "evaluated" if self.reason is None else "not evaluated",
            "reason": self.reason,
            "inputs": [str(ref) for ref in self.inputs],
        }


@dataclass(frozen=True)
class Way:
    """The way of one column. ``ends`` are the columns where it begins: of sources, seeds and undeclared relations."""

    relations: tuple[Relation, ...]
    columns: tuple[Step, ...]
    rows: tuple[RowStep, ...]
    ends: tuple[tuple[ColumnRef, Use], ...]

    @property
    def is_complete(self) -> bool:
        """Whether every step was evaluated and every relation is known to dbt."""
        reasons = [step.reason for step in self.columns] + [step.reason for step in self.rows]
        return not any(reasons) and all(known.kind is not Kind.UNDECLARED for known in self.relations)


@dataclass
class _Walk:
    """One walk; has the lifetime of :func:`way_of`."""

    project: Project
    known: Columns
    selects: dict[Name, SelectLineage | str] = field(default_factory=dict)
    columns: dict[ColumnRef, Step] = field(default_factory=dict)
    rows: dict[Name, RowStep] = field(default_factory=dict)
    ends: dict[ColumnRef, Use] = field(default_factory=dict)
    names: set[Name] = field(default_factory=set)

    def follow(self, start: ColumnRef) -> None:
        """Walk the values first, so that a column that is both is told as direct."""
        filters = self._drain([start], Use.DIRECT)
        while filters:
            filters = self._drain(filters, Use.INDIRECT)

    def _drain(self, waiting: list[ColumnRef], use: Use) -> list[ColumnRef]:
        """Walk from these columns to the ends; gives the columns that decide rows on the way."""
        filters: list[ColumnRef] = []
        while waiting:
            ref = waiting.pop(0)
            waiting += self._column(ref, use)
            filters += self._rows(ref.name)
        return filters

    def _column(self, ref: ColumnRef, use: Use) -> tuple[ColumnRef, ...]:
        if ref in self.columns or ref in self.ends:
            return ()
        self.names.add(ref.name)
        if self.project.relation(ref.name).kind not in READ:
            self.ends[ref] = use
            return ()
        step = self._step(ref, use)
        self.columns[ref] = step
        return step.inputs

    def _step(self, ref: ColumnRef, use: Use) -> Step:
        select = self._select(ref.name)
        if isinstance(select, str):
            return Step(ref, use, (), select)
        try:
            return Step(ref, use, tuple(sorted(select.inputs(ref.column))))
        except NotEvaluatedError as error:
            return Step(ref, use, (), str(error))

    def _rows(self, name: Name) -> tuple[ColumnRef, ...]:
        if name in self.rows or self.project.relation(name).kind not in READ:
            return ()
        select = self._select(name)
        try:
            inputs = select.row_inputs() if isinstance(select, SelectLineage) else frozenset()
            read = select.relations() if isinstance(select, SelectLineage) else frozenset()
            reason = None if isinstance(select, SelectLineage) else select
        except NotEvaluatedError as error:
            inputs, read, reason = frozenset(), frozenset(), str(error)
        self.rows[name] = RowStep(name, tuple(sorted(inputs)), reason)
        further = tuple(sorted(inputs))
        for parent in sorted(read):
            self.names.add(parent)
            further += self._rows(parent)
        return further

    def _select(self, name: Name) -> SelectLineage | str:
        """The relation's select, or why it was not evaluated."""
        if name not in self.selects:
            sql = self.project.relation(name).sql
            try:
                self.selects[name] = read_select(sql, self.known) if sql else "it has no compiled SQL"
            except NotEvaluatedError as error:
                self.selects[name] = str(error)
        return self.selects[name]


def way_of(project: Project, known: Columns, start: ColumnRef) -> Way:
    """The way of a column back to its sources; ``known`` holds the columns of the warehouse's relations.

    Where a step was not evaluated, every relation that dbt knows to be behind it is listed all the same.
    """
    walk = _Walk(project, known)
    walk.follow(start)
    unread = {step.ref.name for step in walk.columns.values() if step.reason}
    unread |= {step.name for step in walk.rows.values() if step.reason}
    behind = {relation.name for relation in project.upstream(unread)}
    return Way(
        relations=project.in_order(walk.names | behind),
        columns=tuple(walk.columns.values()),
        rows=_in_order(walk.rows.values(), project),
        ends=tuple(sorted(walk.ends.items())),
    )


def _in_order(rows: Iterable[RowStep], project: Project) -> tuple[RowStep, ...]:
    steps = {step.name: step for step in rows}
    return tuple(steps[relation.name] for relation in project.in_order(steps))
