"""The 16 cells of the handover (4 components x 4 deliverables) and what is owed, as of a day.

Gathers for each cell the facts by which ``cells`` judges it, and joins the result with the obligations.
Nothing is opened here; what wasn't looked at is ``not_assessed`` and never shown as good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import PurePosixPath
from typing import Any

from handover.cells import Judgement, Status, judge_absent, judge_database, judge_inventory, judge_outstanding
from handover.findings import Finding
from handover.inventory.database import Database, cross_reference
from handover.inventory.dictionaries import against_dump
from handover.inventory.documents import Document
from handover.inventory.gaps import gaps
from handover.inventory.holdings import files_of
from handover.inventory.installers import Installer
from handover.inventory.package import inventory_package, outside, within
from handover.inventory.source import SourceTree
from handover.letters import Correspondence
from handover.malware import NOT_SCANNED, Scan
from handover.obligations import Obligation, ObligationStatus, obligations
from handover.parts import Component, Deliverable
from handover.sealed import SealedDelivery


@dataclass(frozen=True)
class Cell:
    """One component's one deliverable. ``level`` is how deep it was checked, 0 to 5."""

    component: Component
    deliverable: Deliverable
    status: Status
    level: int
    days_overdue: int | None
    note_vi: str
    note_en: str
    findings: tuple[Finding, ...]

    def as_json(self) -> dict[str, Any]:
        """The cell for machines; findings name paths and sentences, no content."""
        return {
            "component": str(self.component),
            "deliverable": str(self.deliverable),
            "status": str(self.status),
            "level": self.level,
            "days_overdue": self.days_overdue,
            "note": self.note_en,
            "note_vi": self.note_vi,
            "findings": [each.as_json() for each in self.findings],
        }


@dataclass(frozen=True)
class Completeness:
    """All cells, by component and deliverable, and all obligations, as of a day.

    ``findings`` are those of the package that belong to no cell.
    """

    as_of: date
    delivery: str | None
    cells: tuple[Cell, ...]
    obligations: tuple[Obligation, ...]
    scan: Scan = NOT_SCANNED
    findings: tuple[Finding, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether every cell was received."""
        return all(each.status is Status.RECEIVED for each in self.cells)

    def as_json(self) -> dict[str, Any]:
        """The whole assessment for machines."""
        return {
            "as_of": self.as_of.isoformat(),
            "delivery": self.delivery,
            "malware_scan": self.scan.as_json(),
            "findings": [each.as_json() for each in self.findings],
            "cells": [each.as_json() for each in self.cells],
            "obligations": [each.as_json() for each in self.obligations],
        }


@dataclass(frozen=True)
class _Facts:
    """What was gathered of one delivery."""

    delivery: SealedDelivery
    sources: Sequence[SourceTree]
    installers: Sequence[Installer]
    documents: Sequence[Document]
    databases: Sequence[Database]
    package: Sequence[Finding]


def assess(
    delivery: SealedDelivery | None,
    sources: Sequence[SourceTree],
    installers: Sequence[Installer],
    documents: Sequence[Document],
    databases: Sequence[Database],
    correspondence: Correspondence,
    as_of: date,
    scan: Scan = NOT_SCANNED,
) -> Completeness:
    """Judge all 16 cells.

    Without a delivery every cell stands as the letters known on ``as_of`` leave it. A component that is not among
    ``databases`` wasn't imported: that cell is not assessed.
    """
    owed = obligations(correspondence, as_of)
    package = inventory_package(delivery, scan) if delivery else ()
    facts = _Facts(delivery, sources, installers, documents, databases, package) if delivery else None
    cells = tuple(_cell(facts, owed, *place) for place in product(Component, Deliverable))
    settled = tuple(_settled(each, cells, delivery.id) for each in owed) if delivery else owed
    stray = outside(package, delivery) if delivery else ()
    return Completeness(as_of, delivery.id if delivery else None, cells, settled, scan, stray)


def _cell(
    facts: _Facts | None, owed: tuple[Obligation, ...], component: Component, deliverable: Deliverable
) -> Cell:
    asked = [each for each in owed if each.what == deliverable and component in each.components]
    findings: tuple[Finding, ...] = ()
    if facts is None:
        judged = judge_outstanding(asked)
    else:
        judged, findings = _judged(facts, asked, component, deliverable)
    return Cell(
        component=component,
        deliverable=deliverable,
        status=judged.status,
        level=judged.level,
        days_overdue=judged.days_overdue,
        note_vi=judged.note.vi,
        note_en=judged.note.en,
        findings=findings,
    )


def _judged(
    facts: _Facts, asked: list[Obligation], component: Component, deliverable: Deliverable
) -> tuple[Judgement, tuple[Finding, ...]]:
    present = {each.path for each in files_of(facts.delivery, component, deliverable)}
    of_package = within(facts.package, facts.delivery, component, deliverable)
    if not present:
        return judge_absent(asked), of_package
    if deliverable is Deliverable.DATABASE:
        return _database(facts, component, of_package)
    if deliverable is Deliverable.DOCUMENTS:
        return _documents(facts, component, present, of_package)
    inventoried, found = _inventoried(facts, component, deliverable, present)
    findings = (*of_package, *found, *gaps(facts.delivery, component, deliverable, facts.documents))
    judged = judge_inventory(present, inventoried, findings)
    is_compared = deliverable is Deliverable.SOURCE and _is_source_compared(facts, component)
    return replace(judged, level=2) if is_compared and judged.level else judged, findings


def _is_source_compared(facts: _Facts, component: Component) -> bool:
    """Whether the tables that the source names were set beside those of the dump; the database's cell says what came
    of it.
    """
    names_tables = any(each.component is component and each.tables for each in facts.sources)
    return names_tables and any(each.component is component and each.tables for each in facts.databases)


def _database(
    facts: _Facts, component: Component, of_package: tuple[Finding, ...]
) -> tuple[Judgement, tuple[Finding, ...]]:
    """The database's own findings and, where the component's source names tables, those of both side by side."""
    declared = facts.delivery.declaration.components.get(component)
    if declared is None or declared.database is None:
        return judge_absent(()), of_package
    database = next((each for each in facts.databases if each.component is component), None)
    if database is None:
        return judge_database(declared.database, None), of_package
    database = replace(database, findings=(*of_package, *database.findings))
    source = next((each for each in facts.sources if each.component is component and each.tables), None)
    if source:
        database = replace(database, findings=(*database.findings, *cross_reference(database, source)))
    judged = judge_database(declared.database, database)
    return replace(judged, level=2) if source else judged, database.findings


def _documents(
    facts: _Facts, component: Component, present: set[PurePosixPath], of_package: tuple[Finding, ...]
) -> tuple[Judgement, tuple[Finding, ...]]:
    """The documents' own findings and, where dump and dictionary were read, those of both side by side.

    Level 2 when the dictionaries were compared with the dump and the API's endpoints were looked for in the source.
    """
    own = [each for each in facts.documents if each.component is component]
    database = next((each for each in facts.databases if each.component is component), None)
    described = against_dump(own, database) if database else None
    of_cell = gaps(facts.delivery, component, Deliverable.DOCUMENTS, facts.documents)
    of_files = (found for each in own for found in each.findings)
    findings = (*of_package, *of_files, *of_cell, *(described or ()))
    judged = judge_inventory(present, {each.path for each in own}, findings)
    is_compared = described is not None and any(each.is_traced for each in own)
    return replace(judged, level=2) if is_compared and judged.level else judged, findings


def _inventoried(
    facts: _Facts, component: Component, deliverable: Deliverable, present: set[PurePosixPath]
) -> tuple[set[PurePosixPath], tuple[Finding, ...]]:
    """Which of the files were looked at, and what was found."""
    if deliverable is Deliverable.SOURCE:
        trees = [each for each in facts.sources if each.component is component]
        is_whole = sum(each.file_count for each in trees) == len(present)
        return present if is_whole else set(), tuple(found for each in trees for found in each.findings)
    own = [each for each in facts.installers if each.component is component]
    return {each.path for each in own}, tuple(found for each in own for found in each.findings)


def _settled(obligation: Obligation, cells: tuple[Cell, ...], delivery: str) -> Obligation:
    """The obligation, satisfied by the delivery when it asks for cells and all of them were received."""
    asked_for = [
        each
        for each in cells
        if each.deliverable == obligation.what and each.component in obligation.components
    ]
    if not asked_for or any(each.status is not Status.RECEIVED for each in asked_for):
        return obligation
    return replace(obligation, status=ObligationStatus.SATISFIED, days_overdue=None, satisfied_by=delivery)
