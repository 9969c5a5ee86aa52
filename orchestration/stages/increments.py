"""The days after a delivery, as people and machines ask for them: what stands, what is missing, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from handover.contract.mapping import load_mappings
from handover.days import OVERLAPPING, STRAY, Day, Row, Standing, row_of_days, snapshot_day
from handover.findings import catalogue
from handover.parts import DeliveryKind
from handover.sealed import SealedDelivery
from orchestration.installation import Installation
from orchestration.stages.intake import PackageNotFound
from orchestration.warehouse.overlap import rows_of_other_days
from orchestration.warehouse.raw import import_package
from orchestration.warehouse.scope import recorded_packages


@dataclass(frozen=True)
class DayFinding:
    """What was found of a day: the catalogue's id and words, and a count or a digest to look at next."""

    id: str
    severity: str
    vi: str
    en: str
    remedy: str
    evidence: str = ""


@dataclass(frozen=True)
class DayAccount:
    """One day, or a package that claims a day which is none: rows by table as declared, None where none came."""

    day: date | None
    standing: str
    findings: tuple[DayFinding, ...]
    package: str | None = None
    bag_sha256: str | None = None
    predecessor: str | None = None
    repairs: tuple[str, ...] = ()
    received_at: str | None = None
    rows: Mapping[str, int] = field(default_factory=dict)
    is_imported: bool = False
    is_in_warehouse: bool = False


@dataclass(frozen=True)
class Increments:
    """The row of days of one delivery; ``through`` is the last day up to which all of them stand."""

    delivery: str
    snapshot_on: date
    through: date
    days: tuple[DayAccount, ...]
    strays: tuple[DayAccount, ...]

    @property
    def is_whole(self) -> bool:
        """No day is missing or broken, and no package claims a day that is none."""
        return not self.strays and all(day.standing == Standing.SOUND for day in self.days)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        told = asdict(self) | {"is_whole": self.is_whole}
        return {
            **told,
            "snapshot_on": str(self.snapshot_on),
            "through": str(self.through),
            "days": [{**each, "day": str(each["day"])} for each in told["days"]],
            "strays": [{**each, "day": str(each["day"])} for each in told["strays"]],
        }


def increments_of(installation: Installation, delivery: str | None) -> Increments:
    """The days of a delivery; None: of the one received last.

    Raises :class:`PackageNotFound` where no delivery was received, :class:`handover.errors.DeliveryUnknown` for
    one that was not.
    """
    packages = installation.vault.deliveries()
    if delivery is not None:
        baseline = installation.vault.delivery(delivery)
    else:
        whole = [package for package in packages if package.kind is not DeliveryKind.INCREMENT]
        if not whole:
            raise PackageNotFound("No delivery was received here yet; receive one first.")
        baseline = max(whole, key=lambda package: (package.received_at, package.id))
    return _told(installation, row_of_days(baseline, packages))


def overlap_of(installation: Installation, package: SealedDelivery) -> dict[str, dict[date, int]]:
    """Rows of an imported day by table and the other day they were changed on."""
    return rows_of_other_days(import_package(package, installation.settings.lake), load_mappings())


def _told(installation: Installation, row: Row) -> Increments:
    used = _in_warehouse(installation)
    days = tuple(_account(installation, day, used) for day in row.days)
    start = snapshot_day(row.baseline)
    sound = [day.day for day in row.days if day.standing is Standing.SOUND]
    strays = tuple(_stray(package) for package in row.strays)
    return Increments(row.baseline.id, start, max(sound, default=start), days, strays)


def _account(installation: Installation, day: Day, used: frozenset[str]) -> DayAccount:
    findings = tuple(_finding(each) for each in day.findings)
    if day.package is None:
        return DayAccount(day.day, day.standing, findings)
    if day.package.is_accepted and (overlap := overlap_of(installation, day.package)):
        findings += (replace(_finding(OVERLAPPING), evidence=_counted(overlap)),)
    return _of_package(day.package, day.standing, tuple(each.id for each in day.repairs), used, findings)


def _stray(package: SealedDelivery) -> DayAccount:
    return _of_package(package, "stray", (), frozenset(), (_finding(STRAY),))


def _of_package(
    package: SealedDelivery,
    standing: str,
    repairs: tuple[str, ...],
    used: frozenset[str],
    findings: tuple[DayFinding, ...],
) -> DayAccount:
    declared = package.declaration
    databases = [part.database for part in declared.components.values() if part.database is not None]
    return DayAccount(
        day=declared.covers_on,
        standing=str(standing),
        package=package.id,
        bag_sha256=package.bag_sha256,
        predecessor=declared.predecessor.bag_sha256 if declared.predecessor else None,
        repairs=repairs,
        received_at=package.received_at.isoformat(),
        rows={table.table: table.rows for database in databases for table in database.tables},
        is_imported=package.is_accepted,
        is_in_warehouse=package.id in used,
        findings=findings,
    )


def _finding(finding_id: str) -> DayFinding:
    kind = catalogue()[finding_id]
    return DayFinding(kind.id, str(kind.severity), kind.vi, kind.en, kind.remedy)


def _counted(overlap: dict[str, dict[date, int]]) -> str:
    return "; ".join(
        f"{table}: " + ", ".join(f"{day} {rows}" for day, rows in days.items())
        for table, days in overlap.items()
    )


def _in_warehouse(installation: Installation) -> frozenset[str]:
    if not installation.settings.warehouse.exists():
        return frozenset()
    with installation.warehouse.connect() as connection:
        return frozenset(recorded_packages(connection))
