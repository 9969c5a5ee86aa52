"""What is wrong with files of a package whatever they are: locked by a password, reported by the scanner.

Each finding belongs to the cell in which its file would lie; those of no cell stay with the package.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import product
from pathlib import PurePosixPath

from handover.findings import Finding, finding
from handover.inventory.holdings import places_of
from handover.malware import Scan
from handover.packages import LOCKED_MEMBERS
from handover.parts import Component, Deliverable
from handover.sealed import SealedDelivery


def inventory_package(delivery: SealedDelivery, scan: Scan) -> tuple[Finding, ...]:
    """All such findings, by path."""
    locked = (finding("HND-PKG-01", each, "is locked by a password") for each in _locked(delivery))
    reported = (
        finding("HND-PKG-02", each, "is reported by the malware scanner; keep it closed")
        for each in scan.reported
    )
    return tuple(sorted((*locked, *reported), key=lambda each: (each.path, each.id)))


def within(
    findings: Iterable[Finding], delivery: SealedDelivery, component: Component, deliverable: Deliverable
) -> tuple[Finding, ...]:
    """Those of one cell."""
    places = places_of(delivery, component, deliverable)
    return tuple(each for each in findings if places & {each.path, *each.path.parents})


def outside(findings: Iterable[Finding], delivery: SealedDelivery) -> tuple[Finding, ...]:
    """Those that belong to no cell."""
    cells = product(Component, Deliverable)
    places = frozenset[PurePosixPath]().union(*(places_of(delivery, *cell) for cell in cells))
    return tuple(each for each in findings if not places & {each.path, *each.path.parents})


def _locked(delivery: SealedDelivery) -> tuple[PurePosixPath, ...]:
    """The members that were left out of the bag. A vendor's own file of that name says nothing that we believe less."""
    noted = next((each for each in delivery.tag_files if str(each.path) == LOCKED_MEMBERS), None)
    if noted is None:
        return ()
    try:
        told = json.loads(noted.location.read_bytes())
    except (OSError, ValueError, RecursionError):
        return ()
    return (
        tuple(PurePosixPath(each) for each in told if isinstance(each, str)) if isinstance(told, list) else ()
    )
