"""The 16 cells of a delivery, assessed and kept as JSON and as a page for whoever asks without a run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from handover.attestations import Attestation, Place, attest, attestations, with_attested_levels
from handover.completeness import Completeness, assess
from handover.days import snapshot_day
from handover.findings import Severity
from handover.inventory.database import inventory_databases
from handover.inventory.documents import Document
from handover.inventory.installers import Installer
from handover.inventory.source import SourceTree
from handover.malware import Scan
from handover.obligations import Obligation, ObligationStatus, load_correspondence, obligations
from handover.redelivery import changes
from orchestration.installation import Installation
from orchestration.reporting.handover_page import render_handover
from orchestration.stages.assessment import previous

VIET_NAM = ZoneInfo("Asia/Ho_Chi_Minh")


def assess_delivery(
    installation: Installation,
    delivery: str,
    sources: Sequence[SourceTree],
    installers: Sequence[Installer],
    documents: Sequence[Document],
    scanned: Scan,
) -> Completeness:
    """Assess a sealed and imported delivery as of its snapshot's day, and keep the result."""
    sealed = installation.vault.delivery(delivery)
    databases = inventory_databases(sealed, installation.settings.lake / "raw" / sealed.id)
    assessed = assess(
        sealed,
        sources,
        installers,
        documents,
        databases,
        load_correspondence(),
        snapshot_day(sealed),
        scanned,
    )
    told = assessed.as_json()
    if before := previous(sealed, installation.vault.deliveries()):
        told |= {"previous": before.id, "changes": [each.as_json() for each in changes(before, sealed)]}
    _keep(installation, with_attested_levels(told, attestations(installation.vault, sealed)))
    return assessed


def attest_cell(
    installation: Installation,
    delivery: str,
    place: Place,
    level: int,
    evidence: Path,
    by: str,
    now: datetime,
) -> Attestation:
    """Attest a level of one cell and, where this delivery was assessed last, show it in the assessment kept."""
    made = attest(installation.vault, delivery, place, level, evidence, by, now)
    kept = completeness_as_of(installation, None)
    if kept["delivery"] == delivery:
        held = attestations(installation.vault, installation.vault.delivery(delivery))
        _keep(installation, with_attested_levels(kept, held))
    return made


def completeness_as_of(installation: Installation, as_of: date | None) -> dict[str, Any]:
    """The assessment kept by the last run; where nothing was delivered or a day is named, what was owed then."""
    if as_of is None and installation.completeness.exists():
        kept: dict[str, Any] = json.loads(installation.completeness.read_text(encoding="utf-8"))
        return kept
    correspondence = load_correspondence()
    return assess(None, (), (), (), (), correspondence, as_of=as_of or correspondence.as_of).as_json()


def completeness_table(assessed: Completeness) -> str:
    """The matrix as Markdown: a row per component, a column per deliverable."""
    cells = assessed.as_json()["cells"]
    deliverables = list(dict.fromkeys(cell["deliverable"] for cell in cells))
    components = list(dict.fromkeys(cell["component"] for cell in cells))
    by_place = {(c["component"], c["deliverable"]): f"{c['status']} (level {c['level']})" for c in cells}
    lines = [["", *deliverables], ["---"] * (len(deliverables) + 1)]
    lines += [[component, *(by_place[component, d] for d in deliverables)] for component in components]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def obligations_on(day: date) -> tuple[Obligation, ...]:
    """What the letters and meetings known by that day leave open, answered or overdue."""
    return obligations(load_correspondence(), day)


def overdue_on(day: date) -> list[Obligation]:
    """Those of them that are overdue."""
    return [each for each in obligations_on(day) if each.status is ObligationStatus.OVERDUE]


def day_in_viet_nam(now: datetime) -> date:
    """The calendar day by which the letters count."""
    return now.astimezone(VIET_NAM).date()


def obligations_table(owed: Iterable[Obligation]) -> str:
    """Obligations as Markdown."""
    lines = ["| what | letter | since | due | status | days overdue |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {each.what} | {each.letter} | {each.since} | {each.due_on or ''} | {each.status}"
        f" | {each.days_overdue or ''} |"
        for each in owed
    ]
    return "\n".join(lines)


def critical_findings(installation: Installation) -> list[str]:
    """Ids of the critical findings of the assessment kept last."""
    cells = completeness_as_of(installation, None)["cells"]
    return sorted({f["id"] for cell in cells for f in cell["findings"] if f["severity"] == Severity.CRITICAL})


def _keep(installation: Installation, told: dict[str, Any]) -> None:
    _write(installation.completeness, json.dumps(told, ensure_ascii=False, indent=1))
    _write(installation.handover_page, render_handover(told, load_correspondence()))


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(content, encoding="utf-8")
    temporary.replace(path)
