"""Results of the gates, kept in the warehouse: every judgement as history, and the newest of each rule and package.

``quality.results`` grows by one row per rule and judgement, with the packages in scope then. ``quality.latest`` sets
the catalogue of rules beside the packages: what was not judged since the rows were imported is a row, too. Counts and
sentences only; no value of the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any

import duckdb

import orchestration.warehouse
from expectations.rule import Rule
from expectations.verdict import State, Verdict
from orchestration.warehouse.scope import recorded_as_of, recorded_import, recorded_packages

COUNTS = ("rows", "expected", "breaking", "missing")


@dataclass(frozen=True)
class Judgement:
    """What holds for all verdicts on a relation: the run they were made in and when."""

    run_id: str
    judged_at: datetime


@dataclass(frozen=True)
class Outcome:
    """The newest state of a rule for a package; ``measured`` are counts, ``problem`` is None when the rule passed."""

    relation: str
    rule_id: str
    severity: str
    claim_vi: str
    claim_en: str
    package: str
    is_in_scope: bool
    state: State
    run_id: str | None
    judged_at: datetime | None
    measured: Mapping[str, int]
    problem: str | None

    def as_json(self) -> dict[str, Any]:
        """Plain values; each usual count under its own name, null where the rule measures none."""
        counts = {name: self.measured.get(name) for name in COUNTS}
        further = {name: count for name, count in self.measured.items() if name not in COUNTS}
        return {
            **{name: value for name, value in vars(self).items() if name not in {"measured", "problem"}},
            "judged_at": self.judged_at.isoformat() if self.judged_at else None,
            **counts,
            "balance": further,
            "problem": self.problem,
        }


def prepare_results(
    connection: duckdb.DuckDBPyConnection,
    suites: Mapping[str, tuple[Rule, ...]],
    waiting: Iterable[str] = (),
) -> None:
    """Create what results are kept in, with the catalogue of rules as it is now.

    ``waiting`` are packages that were received after those in scope and not judged yet.
    """
    recorded_import(connection)
    schema = resources.files(orchestration.warehouse).joinpath("quality.sql").read_text(encoding="utf-8")
    connection.begin()
    connection.execute(schema)
    rules = [(relation, rule) for relation, suite in suites.items() for rule in suite]
    connection.execute(
        "insert into quality.rules select unnest($relation), unnest($rule_id), unnest($severity),"
        " unnest($claim_vi), unnest($claim_en)",
        {
            "relation": [relation for relation, _ in rules],
            "rule_id": [rule.id for _, rule in rules],
            "severity": [rule.severity.value for _, rule in rules],
            "claim_vi": [rule.claim_vi for _, rule in rules],
            "claim_en": [rule.claim_en for _, rule in rules],
        },
    )
    connection.execute("insert into quality.waiting select unnest($packages)", {"packages": list(waiting)})
    connection.commit()


def record_verdicts(
    connection: duckdb.DuckDBPyConnection, judgement: Judgement, verdicts: Iterable[Verdict]
) -> None:
    """Add the verdicts on a relation to the history, with the packages they hold for; all of them or none."""
    scope = [recorded_import(connection), recorded_as_of(connection), recorded_packages(connection)]
    made = [judgement.run_id, judgement.judged_at, *scope]
    connection.begin()
    connection.executemany(
        "insert into quality.results values"
        " (?, ?, ?, ?, ?, ?, ?, ?, ?, map(cast(? as varchar[]), cast(? as bigint[])), ?)",
        [[*made, *_words(v), list(v.measured), list(v.measured.values()), v.problem] for v in verdicts],
    )
    connection.commit()


def _words(verdict: Verdict) -> tuple[str, ...]:
    return (verdict.relation, verdict.rule_id, verdict.severity.value, verdict.state.value)


def read_outcomes(connection: duckdb.DuckDBPyConnection, relation: str | None = None) -> list[Outcome]:
    """``quality.latest``, of one relation or all, in a stable order; empty where nothing was ever judged."""
    if not _is_prepared(connection):
        return []
    columns = list(Outcome.__dataclass_fields__)
    rows = connection.execute(
        f"select {', '.join(columns)} from quality.latest"  # noqa: S608 - names of our own fields
        " where relation = $relation or $relation is null"
        " order by relation, rule_id, is_in_scope desc, package",
        {"relation": relation},
    ).fetchall()
    return [_outcome(dict(zip(columns, row, strict=True))) for row in rows]


def read_verdicts(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """One row per rule over all packages in scope, in a stable order: ``state`` is the worst of them.

    The counts are the rule's, as it measured them; null where it measures none, or was not evaluated.
    """
    if not _is_prepared(connection):
        return []
    names = ("relation", "rule_id", "severity", "claim_vi", "claim_en")
    counts = ", ".join(f"max({name})" for name in COUNTS)
    rows = connection.execute(
        f"select {', '.join(names)}, case when bool_and(state = 'passed') then 'passed'"  # noqa: S608 - our own names
        f" when bool_or(state = 'failed') then 'failed' else 'not_evaluated' end, {counts}"
        " from quality.latest where is_in_scope group by all order by all"
    ).fetchall()
    return [dict(zip((*names, "state", *COUNTS), row, strict=True)) for row in rows]


def _is_prepared(connection: duckdb.DuckDBPyConnection) -> bool:
    known = connection.execute(
        "select 1 from duckdb_views() where schema_name = 'quality' and view_name = 'latest'"
    )
    return known.fetchone() is not None


def _outcome(row: dict[str, Any]) -> Outcome:
    return Outcome(**row | {"state": State(row["state"]), "measured": row["measured"] or {}})
