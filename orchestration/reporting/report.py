"""The statement a report makes: figures beside the letter's, and everything they stand on, as canonical JSON.

Belongs here: what is stated and that it is sound. How it looks is :mod:`orchestration.reporting.render`, how
it is sealed and kept :mod:`orchestration.reporting.seal`. No time of run is stated, so that the same inputs
give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

from orchestration.reporting.audit import audit, checked
from orchestration.reporting.breakdowns import Breakdown
from orchestration.reporting.figures import Counted, faults_of_sums
from orchestration.reporting.letters import Letter

SCHEMA = "tiemchung.report/2"


class ReportError(Exception):
    """A report cannot be made, found or read; the message says why and what to do."""


@dataclass(frozen=True)
class ReportedDelivery:
    """A package the figures stand on: its id, its bag's digest (64 hex) and the vendor's time of snapshot."""

    id: str
    bag_sha256: str
    snapshot_at: datetime


@dataclass(frozen=True)
class ReportedGate:
    """The latest verdict of one gate rule. A rule that was not evaluated has not passed."""

    relation: str
    rule_id: str
    severity: str
    is_passed: bool


@dataclass(frozen=True)
class LedgerPosition:
    """How far the register was asked: batches and rows sent so far."""

    batches: int
    rows: int


@dataclass(frozen=True)
class CodeState:
    """What computed the report: the platform's version, digests of the dbt project and of the page's code."""

    version: str
    dbt_project: str
    page: str


@dataclass(frozen=True)
class Report:
    """All a report states: ``deliveries`` in the order they were applied, ``figures`` in the registry's.

    ``breakdowns`` hold what may be shown; ``small_cells`` says from which count on they were shown.
    """

    as_of: date
    deliveries: tuple[ReportedDelivery, ...]
    figures: tuple[Counted, ...]
    letter: Letter | None
    gates: tuple[ReportedGate, ...]
    ledger: LedgerPosition
    code: CodeState
    breakdowns: tuple[Breakdown, ...] = ()
    small_cells: int = 1
    province_names: Mapping[str, str] = field(default_factory=dict)

    def statement(self) -> dict[str, Any]:
        """The statement as plain values; raises :class:`ReportError` where the figures do not add up."""
        if faults := faults_of_sums(self.figures):
            raise ReportError(
                "The figures do not add up, so no report is made; see marts.fct_identity_breaks:\n- "
                + "\n- ".join(faults)
            )
        if not self.deliveries:
            raise ReportError("A report stands on at least one delivery; receive one first.")
        return {
            "schema": SCHEMA,
            "as_of": self.as_of.isoformat(),
            "deliveries": [
                asdict(delivery) | {"snapshot_at": delivery.snapshot_at.isoformat()}
                for delivery in self.deliveries
            ],
            "figures": [_figure(counted, self.letter) for counted in self.figures],
            "letter": _letter(self.letter),
            "gates": [asdict(gate) for gate in sorted(self.gates, key=lambda g: (g.relation, g.rule_id))],
            "ledger": asdict(self.ledger),
            "code": asdict(self.code),
            "breakdowns": {each.name: each.table() for each in self.breakdowns},
            "small_cells_below": self.small_cells,
            "province_names": dict(self.province_names),
        }


def canonical(value: Mapping[str, Any]) -> bytes:
    """Canonical JSON: sorted keys, no white space, UTF-8, no float or non-JSON value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def _figure(counted: Counted, letter: Letter | None) -> dict[str, Any]:
    figure = counted.figure
    return {
        "id": figure.id,
        "vi": figure.vi,
        "en": figure.en,
        "part_of": figure.part_of,
        "subjects": counted.subjects,
        "doses": counted.doses,
        "digest": counted.digest,
        "letter": _beside(counted, letter),
    }


def _beside(counted: Counted, letter: Letter | None) -> dict[str, Any] | None:
    """The letter's numbers for a figure and how far ours are above them; ``None`` where it states none."""
    printed = letter.figures.get(counted.figure.letter) if letter and counted.figure.letter else None
    if printed is None:
        return None
    return {
        "key": printed.key,
        "subjects": printed.subjects,
        "doses": printed.doses,
        "subjects_difference": None if printed.subjects is None else counted.subjects - printed.subjects,
        "doses_difference": None if printed.doses is None else counted.doses - printed.doses,
    }


def _letter(letter: Letter | None) -> dict[str, Any] | None:
    if letter is None:
        return None
    return {
        "as_of": letter.as_of,
        "source": letter.source,
        "figures": {
            figure.key: {"subjects": figure.subjects, "doses": figure.doses, "part_of": figure.part_of}
            for figure in letter.figures.values()
        },
        "identities_checked": len(checked(letter)),
        "findings": [finding.as_json() for finding in audit(letter)],
    }
