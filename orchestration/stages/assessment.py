"""A package assessed as it came: opened, sealed and read in a scratch folder, nothing kept of it.

For the engineer who wants to know what a package is worth before it is received. The same inventories and rules as in
a run; a dump that can't be read is a finding here, where a run stops at it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from handover.completeness import Completeness, assess
from handover.days import snapshot_day
from handover.delivered_dumps import delivered_dump
from handover.dump.errors import DumpError
from handover.findings import Severity
from handover.inventory.database import Database, inventory_database, unreadable
from handover.inventory.documents import inventory_documents
from handover.inventory.installers import inventory_installers
from handover.inventory.source import inventory_source
from handover.malware import Scan
from handover.obligations import load_correspondence
from handover.packages import opened_package
from handover.parts import Component, DeliveryKind
from handover.redelivery import CellChange, changes
from handover.sealed import SealedDelivery, SealedFile
from handover.vault import Vault

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Assessment:
    """The 16 cells and the obligations, and what changed since the delivery before (None: there was none)."""

    completeness: Completeness
    previous: str | None
    changes: tuple[CellChange, ...]

    @property
    def is_good(self) -> bool:
        """Whether every cell was received and none has a critical finding."""
        of_cells = (finding for cell in self.completeness.cells for finding in cell.findings)
        findings = (*self.completeness.findings, *of_cells)
        return self.completeness.is_complete and all(f.severity is not Severity.CRITICAL for f in findings)

    def as_json(self) -> dict[str, Any]:
        """The whole assessment for machines."""
        told = self.completeness.as_json()
        if self.previous:
            told |= {"previous": self.previous, "changes": [each.as_json() for each in self.changes]}
        return told


def assess_package(
    package: Path,
    scratch: Path,
    known: tuple[SealedDelivery, ...],
    now: datetime,
    as_of: date | None = None,
    *,
    scanner: Callable[[Sequence[SealedFile]], Scan],
    on_progress: Progress | None = None,
) -> Assessment:
    """Assess a bag, folder or archive; ``known`` are the deliveries received so far, of which the latest is compared.

    Raises :class:`handover.errors.HandoverError` for what is hostile, no package, or not what its manifest says.
    """
    with opened_package(package, scratch / "packages", on_progress) as bag, _workplace(scratch) as place:
        sealed = Vault(place / "vault").receive(bag, received_at=now, on_progress=on_progress)
        completeness = assess(
            sealed,
            inventory_source(sealed),
            inventory_installers(sealed),
            inventory_documents(sealed),
            list(_databases(sealed, place / "lake")),
            load_correspondence(),
            as_of or snapshot_day(sealed),
            scanner(sealed.files),
        )
        before = previous(sealed, known)
        differences = changes(before, sealed) if before else ()
        return Assessment(completeness, before.id if before else None, differences)


def previous(sealed: SealedDelivery, known: tuple[SealedDelivery, ...]) -> SealedDelivery | None:
    """The latest other delivery of an earlier or the same snapshot."""
    earlier = [
        each
        for each in known
        if each.kind is DeliveryKind.DELIVERY
        and each.id != sealed.id
        and each.snapshot_at <= sealed.snapshot_at
    ]
    return max(earlier, key=lambda each: (each.snapshot_at, each.received_at), default=None)


def _databases(sealed: SealedDelivery, lake: Path) -> Iterator[Database]:
    for component, part in sealed.declaration.components.items():
        declared = part.database
        if declared is None:
            continue
        dump = delivered_dump(sealed, component)
        if dump is None:
            continue
        try:
            dump.import_to(lake / component)
            yield inventory_database(sealed, Component(component), declared, lake / component)
        except DumpError as error:
            yield unreadable(component, declared, error)


@contextmanager
def _workplace(scratch: Path) -> Iterator[Path]:
    scratch.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="assess-", dir=scratch))
    try:
        yield place
    finally:
        _make_removable(place)
        shutil.rmtree(place)


def _make_removable(folder: Path) -> None:
    """The vault writes its folders read-only."""
    for each in folder.rglob("*"):
        if each.is_dir():
            each.chmod(0o700)
