"""Two rule sets on the same rows: which subjects and doses change class, and that none is lost or made.

The cleansing models are built twice beside the warehouse, on its raw relations; nothing of the home changes.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.installation import Installation
from orchestration.settings import Settings
from orchestration.warehouse.aside import build_aside, create_raw, opened, scratch_home
from orchestration.warehouse.connection import attach
from orchestration.warehouse.rules import rule_set
from orchestration.warehouse.scope import recorded_as_of

MODELS = ("int_subjects", "int_subject_findings", "int_dose_findings")
CLASSES = {
    "subject": """
        select subjects.subject_id as id, any_value(subjects._delivery) as _delivery,
            any_value(subjects._table) as _table, subjects._row,
            any_value(subjects.id_class) || '/' || {worst} as class
        from {side}.cleansing.int_subjects as subjects
        left join {side}.cleansing.int_subject_findings as findings
            on findings._row = subjects._row and findings._delivery = subjects._delivery
        group by subjects.subject_id, subjects._delivery, subjects._row
    """,
    "dose": """
        select doses.dose_id as id, any_value(doses._delivery) as _delivery, any_value(doses._table) as _table,
            doses._row, {worst} as class
        from {side}.cleansing.int_doses as doses
        left join {side}.cleansing.int_dose_findings as findings
            on findings._row = doses._row and findings._delivery = doses._delivery
        group by doses.dose_id, doses._delivery, doses._row
    """,
}
WORST = """
    case when bool_or(findings.severity = 'critical') then 'critical'
        when bool_or(findings.severity = 'warning') then 'warning'
        when bool_or(findings.severity = 'info') then 'info' else 'clean' end
"""
"""The class of a row: the gravest finding against it, for a subject with the class of its identity number before it."""


@dataclass(frozen=True)
class Flow:
    """Rows of one class under the one rule set and one under the other, with a few addresses of those that changed."""

    old: str
    new: str
    rows: int
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class GrainComparison:
    """All rows of one grain: ``total`` under the first rule set, ``new_total`` under the second."""

    grain: str
    total: int
    new_total: int
    flows: tuple[Flow, ...]

    @property
    def changed(self) -> int:
        """Rows whose class differs."""
        return sum(flow.rows for flow in self.flows if flow.old != flow.new)

    @property
    def is_total_kept(self) -> bool:
        """Whether every row stands on both sides."""
        return self.total == self.new_total == sum(flow.rows for flow in self.flows)


@dataclass(frozen=True)
class RuleCounts:
    """Findings of one rule under each set."""

    rule_id: str
    old: int
    new: int


@dataclass(frozen=True)
class Comparison:
    """What changes from the one rule set to the other."""

    older: int
    newer: int
    as_of: date
    grains: tuple[GrainComparison, ...]
    rules: tuple[RuleCounts, ...]

    @property
    def is_total_kept(self) -> bool:
        """Whether no row of any grain was lost or made."""
        return all(grain.is_total_kept for grain in self.grains)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        grains = [
            asdict(grain) | {"changed": grain.changed, "is_total_kept": grain.is_total_kept}
            for grain in self.grains
        ]
        return {
            "from": self.older, "to": self.newer, "as_of": self.as_of.isoformat(),
            "is_total_kept": self.is_total_kept, "grains": grains,
            "rules": [asdict(rule) for rule in self.rules],
        }  # fmt: skip


def compare_rule_sets(settings: Settings, older: int, newer: int, addresses: int = 3) -> Comparison:
    """Build the cleansing of the home's raw rows by both rule sets and compare; raises :class:`WarehouseError`."""
    rule_set(older), rule_set(newer)
    warehouse = Installation(settings).warehouse
    warehouse.require()
    with warehouse.connect() as connection:
        as_of = recorded_as_of(connection)
        views = connection.execute(
            "select sql from duckdb_views() where schema_name = 'raw' and not internal"
        ).fetchall()
    with ExitStack() as stack:
        sides: list[Path] = []
        for number in (older, newer):
            aside = stack.enter_context(scratch_home(settings))
            with opened(aside.warehouse) as connection:
                connection.execute("create schema raw")
                for (view,) in views:
                    connection.execute(view)
                create_raw(connection)
            build_aside(aside, MODELS, as_of, number)
            sides.append(aside.warehouse)
        with opened(sides[0].with_name("comparison.duckdb")) as connection:
            for name, path in zip(("old", "new"), sides, strict=True):
                attach(connection, path, name)
            grains = tuple(_compared(connection, grain, addresses) for grain in CLASSES)
            return Comparison(older, newer, as_of, grains, _rule_counts(connection))


def _compared(connection: duckdb.DuckDBPyConnection, grain: str, addresses: int) -> GrainComparison:
    for side in ("old", "new"):
        classes = CLASSES[grain].format(side=side, worst=WORST)
        connection.execute(f"create or replace temp table {side}_classes as {classes}")
    rows = connection.execute(
        "select coalesce(o.class, '–'), coalesce(n.class, '–'), count(*),"
        " (list(coalesce(o._delivery, n._delivery) || ' ' || coalesce(o._table, n._table) || ' '"
        " || coalesce(o._row, n._row) order by coalesce(o._row, n._row))"
        " filter (where o.class is distinct from n.class))[:$addresses]"
        " from old_classes as o full join new_classes as n using (_delivery, _row) group by all order by all",
        {"addresses": addresses},
    ).fetchall()
    old_total, new_total = connection.execute(
        "select (select count(*) from old_classes), (select count(*) from new_classes)"
    ).fetchall()[0]
    flows = tuple(Flow(old, new, count, tuple(found or ())) for old, new, count, found in rows)
    return GrainComparison(grain, old_total, new_total, flows)


def _rule_counts(connection: duckdb.DuckDBPyConnection) -> tuple[RuleCounts, ...]:
    rows = connection.execute(
        """
        with found as (
            select 'old' as side, rule_id from old.cleansing.int_subject_findings
            union all select 'old', rule_id from old.cleansing.int_dose_findings
            union all select 'new', rule_id from new.cleansing.int_subject_findings
            union all select 'new', rule_id from new.cleansing.int_dose_findings
        )
        select rule_id, count(*) filter (where side = 'old'), count(*) filter (where side = 'new')
        from found group by rule_id order by rule_id
        """
    ).fetchall()
    return tuple(RuleCounts(*row) for row in rows)
