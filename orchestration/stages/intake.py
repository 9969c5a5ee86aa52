"""Packages on their way in: found in the inbox, sealed in the vault, their dumps read, their rows published.

The composition of ``handover`` (what was given) and ``warehouse`` (where rows go); knows nothing of Dagster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from handover.contract.mapping import load_mappings
from handover.days import Standing, row_of_days
from handover.errors import HandoverError
from handover.identification import identify_package, looks_like_archive
from handover.packages import LIMITS, opened_package
from handover.parts import DeliveryKind
from handover.sealed import SealedDelivery
from handover.vault import Vault
from orchestration.installation import Installation
from orchestration.warehouse.raw import ImportedPackage, import_package, publish_views
from orchestration.warehouse.scope import ScopeError, record_scope, scope_of, told

INBOX_DEPTH = 4
SECONDS_TO_SETTLE = 60.0
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Sighting:
    """A package seen in the inbox: bytes (of an archive), when it changed, and the delivery that it says it is."""

    size: int
    changed_at: float
    delivery: str | None


class PackageNotFound(HandoverError):
    """No package of that name or day is in the vault or the inbox."""


def receive_delivery(
    installation: Installation, wanted: str, package: Path | None, now: datetime
) -> SealedDelivery:
    """Seal the delivery ``wanted`` from ``package``, from the vault or from the inbox, in that order of preference."""
    if package is not None:
        with opened_package(package, installation.settings.scratch) as bag:
            return _matching(installation.vault.receive(bag, received_at=now), wanted)
    sealed = {package.id: package for package in installation.vault.deliveries()}
    if wanted in sealed:
        return sealed[wanted]
    for found in packages_in(installation.settings.inbox):
        if _called(found) == wanted:
            with opened_package(found, installation.settings.scratch) as bag:
                return _matching(installation.vault.receive(bag, received_at=now), wanted)
    raise PackageNotFound(
        f"Delivery {wanted} is neither in the vault nor in the inbox {installation.settings.inbox}; "
        "put its package into the inbox or name the package."
    )


def receive_increment(installation: Installation, day: date, now: datetime) -> SealedDelivery:
    """Seal all that the inbox holds for ``day``; returns the package that stands for it.

    A package that is sealed already changes nothing. Raises :class:`DeliveryConflict` where another one bears the id
    of one that was imported, :class:`PackageNotFound` where none came.
    """
    for found in packages_in(installation.settings.inbox):
        if f".{day}" in (_called(found) or ""):
            with opened_package(found, installation.settings.scratch) as bag:
                installation.vault.receive(bag, received_at=now)
    if (sealed := _increment_of(installation.vault, day)) is not None:
        return sealed
    raise PackageNotFound(
        f"The increment of {day} is neither in the vault nor in the inbox {installation.settings.inbox}; "
        "ask the vendor for that day's package."
    )


def import_delivery(
    installation: Installation, delivery: str, as_of: date | None, on_progress: Progress | None = None
) -> tuple[ImportedPackage, dict[str, int]]:
    """Read a sealed delivery's dumps, accept it, publish the raw views; returns what was read and rows per view."""
    baseline = installation.vault.delivery(delivery)
    imported = import_package(baseline, installation.settings.lake, on_progress)
    accepted = installation.vault.accept(delivery)
    return imported, _publish(installation, accepted, as_of)


def import_increment(installation: Installation, day: date) -> tuple[ImportedPackage, dict[str, int]]:
    """Read the sealed increment of ``day``, accept it, publish the raw views as of that day."""
    sealed = _increment_of(installation.vault, day)
    if sealed is None or sealed.declaration.baseline is None:
        raise PackageNotFound(f"The increment of {day} was not received; receive it first.")
    baseline = installation.vault.delivery(sealed.declaration.baseline)
    standing = row_of_days(baseline, installation.vault.deliveries()).until(day)[-1]
    if standing.standing is Standing.BROKEN:
        raise ScopeError(told(standing))
    imported = import_package(sealed, installation.settings.lake)
    installation.vault.accept(sealed.id)
    return imported, _publish(installation, baseline, day)


def waiting_deliveries(
    installation: Installation, known: Mapping[str, Sighting], now: datetime
) -> dict[str, Sighting]:
    """What lies in the inbox (increments aside), by path; what was ``known`` and hasn't changed isn't opened again.

    A package that changed within the last minute may still be on its way in: it waits for the next look. One that
    doesn't say which delivery it is has no id.
    """
    settled = now.timestamp() - SECONDS_TO_SETTLE
    seen = {}
    for package in packages_in(installation.settings.inbox):
        if package.parent.name == "increments":
            continue
        facts = package.stat()
        earlier = known.get(str(package))
        if earlier and (earlier.size, earlier.changed_at) == (facts.st_size, facts.st_mtime):
            seen[str(package)] = earlier
        elif package.is_dir() or facts.st_mtime <= settled:
            seen[str(package)] = Sighting(facts.st_size, facts.st_mtime, _called(package))
    return seen


def packages_in(inbox: Path) -> Iterator[Path]:
    """Bags' folders and archives under the inbox, in the order of their names; not inside bags."""
    level = [inbox] if inbox.is_dir() else []
    for _ in range(INBOX_DEPTH):
        below: list[Path] = []
        for folder in level:
            if (folder / "bagit.txt").is_file():
                yield folder
                continue
            entries = sorted(folder.iterdir())
            yield from (each for each in entries if looks_like_archive(each))
            below.extend(each for each in entries if each.is_dir() and not each.is_symlink())
        level = below


def _called(package: Path) -> str | None:
    """The id that a package in the inbox gives itself; None where it gives none that can be read."""
    try:
        return identify_package(package, LIMITS)
    except HandoverError:
        return None


def _publish(installation: Installation, baseline: SealedDelivery, as_of: date | None) -> dict[str, int]:
    scope = scope_of(baseline, installation.vault.deliveries(), as_of)
    imported = [import_package(package, installation.settings.lake) for package in scope.packages]
    with installation.warehouse.connect() as connection:
        counts = publish_views(connection, scope, imported, load_mappings())
        record_scope(connection, scope)
    return counts


def _increment_of(vault: Vault, day: date) -> SealedDelivery | None:
    """The package that stands for a day: of the delivery that was received last and has one."""
    packages = vault.deliveries()
    baselines = [package for package in packages if package.kind is not DeliveryKind.INCREMENT]
    for baseline in sorted(baselines, key=lambda package: package.received_at, reverse=True):
        for each in row_of_days(baseline, packages).days:
            if each.day == day and each.package is not None:
                return each.package
    return None


def _matching(sealed: SealedDelivery, wanted: str) -> SealedDelivery:
    if sealed.id != wanted:
        raise PackageNotFound(
            f"The bag is delivery {sealed.id}, not {wanted}; run the partition {sealed.id} instead."
        )
    return sealed
