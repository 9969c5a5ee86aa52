"""The stage report: figures gathered with everything they stand on, sealed; the letters' arithmetic audited."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from typing import Any

import duckdb

import handover.correspondence
from expectations.verdict import State
from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.population.reading import Reading, read_ledger
from orchestration.reporting.audit import audit
from orchestration.reporting.breakdowns import BREAKDOWNS, REPORTED, read_breakdown
from orchestration.reporting.chain import publish
from orchestration.reporting.code import code_commit, code_state, packages
from orchestration.reporting.envelope import signing_key
from orchestration.reporting.figures import read_counted, read_figures
from orchestration.reporting.letters import Letter, read_letters
from orchestration.reporting.report import LedgerPosition, Report, ReportedDelivery, ReportedGate
from orchestration.reporting.seal import SealedReport, read_latest, sha256
from orchestration.warehouse.project import PROJECT, compiled_manifest, province_names
from orchestration.warehouse.scope import recorded_as_of, recorded_packages
from orchestration.warehouse.snapshot import opened_snapshot, publish_snapshot
from orchestration.warehouse.verdicts import read_verdicts

OFFICIAL_LETTER = "letter_2022-04-08.yml"


def seal_report(installation: Installation) -> SealedReport:
    """Seal the figures the warehouse holds now and publish its snapshot; the same inputs give the same seal.

    Raises :class:`orchestration.reporting.report.ReportError` when the figures do not add up.
    """
    manifest = compiled_manifest(installation.dbt_target)
    figures = read_figures(manifest)
    with installation.warehouse.connect() as connection:
        report = Report(
            as_of=recorded_as_of(connection),
            deliveries=tuple(_reported(installation, package) for package in recorded_packages(connection)),
            figures=read_counted(connection, figures),
            letter=letter_beside(installation),
            gates=tuple(_reported_gate(verdict) for verdict in read_verdicts(connection)),
            ledger=_ledger_position(connection),
            code=code_state(PROJECT),
            breakdowns=tuple(
                read_breakdown(connection, name, installation.settings.small_cells) for name in REPORTED
            ),
            small_cells=installation.settings.small_cells,
            province_names=province_names(),
        )
    key = signing_key(installation.settings.signing_key)
    sealed = publish(installation.settings.reports, report, _evidence(installation), key)
    publish_snapshot(installation.warehouse, manifest, sealed.name)
    return sealed


def _evidence(installation: Installation) -> dict[str, Any]:
    """What a seal binds beside the report's files."""
    with read_ledger(installation.settings.ledger_url) as reading:
        ledger = batches_of(reading)
    commit = code_commit(PROJECT)
    return {"ledger": ledger, "packages": packages(), "commit": commit}


def broken_down(installation: Installation, by: str, wanted: Sequence[str]) -> dict[str, Any]:
    """The figures of the last report by a value; only the ``wanted`` ones where any are named.

    Raises :class:`UsageError` for an unknown breakdown or figure.
    """
    with opened_snapshot(installation.warehouse, installation.dbt_target) as snapshot:
        figures = [each.id for each in read_figures(snapshot.manifest)]
        if by not in BREAKDOWNS or (unknown := sorted(set(wanted) - set(figures))):
            known = ", ".join(BREAKDOWNS if by not in BREAKDOWNS else figures)
            raise UsageError(
                f"There is no {by if by not in BREAKDOWNS else ', '.join(unknown)}; take one of {known}."
            )
        found = read_breakdown(snapshot.connection, by, installation.settings.small_cells)
    chosen = [each for each in figures if not wanted or each in wanted]
    table = {value: {id_: row[id_] for id_ in chosen if id_ in row} for value, row in found.table().items()}
    return {"by": by, "figures": chosen, "values": {value: row for value, row in table.items() if row}}


def batches_of(reading: Reading) -> dict[str, dict[str, Any]]:
    """The ledger's batches by id: state, rows, the answer's SHA-256, and the digest of what was tried to send them."""
    attempts: dict[str, list[str]] = defaultdict(list)
    for attempt in reading.attempts:
        attempts[attempt.batch_id].append(repr(tuple(map(str, asdict(attempt).values()))))
    return {
        each.batch_id: {
            "state": str(each.state),
            "rows": each.row_count,
            "answer": each.answer_sha256,
            "attempts": sha256("\n".join(sorted(attempts[each.batch_id])).encode()),
        }
        for each in reading.ledger.batches()
    }


def audit_letters(installation: Installation) -> list[dict[str, Any]]:
    """Broken identities of the official letter of 8 April 2022 and of the letter set beside the figures."""
    with resources.as_file(resources.files(handover.correspondence) / OFFICIAL_LETTER) as official:
        letters = {official: read_letters(official)}
    if installation.letter is not None:
        letters[installation.letter] = read_letters(installation.letter)
    return [
        {"source": path.name, "as_of": letter.as_of, "findings": printed_findings(letter)}
        for path, found in letters.items()
        for letter in found
    ]


def printed_findings(letter: Letter) -> list[dict[str, Any]]:
    """The audit's findings, each with the number that the letter prints for the suspected figure."""
    findings = [finding.as_json() for finding in audit(letter)]
    return [
        {
            **f,
            "printed": letter.figures[str(f["suspect"])].stated(str(f["measure"])) if f["suspect"] else None,
        }
        for f in findings
    ]


def latest_report(installation: Installation) -> SealedReport:
    """The latest sealed report, its seal verified."""
    return read_latest(installation.settings.reports)


def latest_verdicts(installation: Installation) -> Iterable[Mapping[str, Any]]:
    """Every gate rule with its state for the packages in scope; nothing where no gate ever ran in this home."""
    if not installation.settings.warehouse.exists():
        return []
    with installation.warehouse.connect() as connection:
        return read_verdicts(connection)


def _reported(installation: Installation, package: str) -> ReportedDelivery:
    sealed = installation.vault.delivery(package)
    return ReportedDelivery(sealed.id, sealed.bag_sha256, sealed.declaration.snapshot_at)


def _reported_gate(verdict: Mapping[str, Any]) -> ReportedGate:
    return ReportedGate(
        verdict["relation"], verdict["rule_id"], verdict["severity"], verdict["state"] == State.PASSED
    )


def letter_beside(installation: Installation) -> Letter | None:
    """The letter that the figures are set beside, where one was given."""
    return read_letters(installation.letter)[0] if installation.letter is not None else None


def _ledger_position(connection: duckdb.DuckDBPyConnection) -> LedgerPosition:
    row = connection.execute(
        "select count(*), coalesce(sum(row_count), 0) from verification.batches where answered_at is not null"
    ).fetchone()
    return LedgerPosition(batches=int(row[0]), rows=int(row[1])) if row else LedgerPosition(0, 0)
