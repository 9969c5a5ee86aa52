"""A delivery beside the one before it: files added, removed and changed, tables and their declared rows.

Compares what two seals say; nothing is opened. Which delivery came before is decided by who asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import PurePosixPath
from typing import Any

from handover.inventory.holdings import files_of
from handover.parts import Component, Deliverable
from handover.sealed import SealedDelivery


@dataclass(frozen=True)
class TableChange:
    """One table (``schema.table``) and its rows before and after; None where it is not there."""

    table: str
    before: int | None
    after: int | None


@dataclass(frozen=True)
class CellChange:
    """What differs in one cell. Paths are relative to ``data/``."""

    component: Component
    deliverable: Deliverable
    added: tuple[PurePosixPath, ...]
    removed: tuple[PurePosixPath, ...]
    changed: tuple[PurePosixPath, ...]
    tables: tuple[TableChange, ...]

    def as_json(self) -> dict[str, Any]:
        """The change for machines."""
        return {
            "component": str(self.component),
            "deliverable": str(self.deliverable),
            "added": [str(each) for each in self.added],
            "removed": [str(each) for each in self.removed],
            "changed": [str(each) for each in self.changed],
            "tables": [vars(each) for each in self.tables],
        }


def changes(before: SealedDelivery, after: SealedDelivery) -> tuple[CellChange, ...]:
    """Every cell in which something differs, in the order of the matrix."""
    compared = (_compared(before, after, *place) for place in product(Component, Deliverable))
    return tuple(each for each in compared if each.added or each.removed or each.changed or each.tables)


def _compared(
    before: SealedDelivery, after: SealedDelivery, component: Component, deliverable: Deliverable
) -> CellChange:
    old, new = (
        {file.path: file.sha256 for file in files_of(delivery, component, deliverable)}
        for delivery in (before, after)
    )
    return CellChange(
        component,
        deliverable,
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(path for path in sorted(new.keys() & old.keys()) if new[path] != old[path]),
        tables=_tables(before, after, component) if deliverable is Deliverable.DATABASE else (),
    )


def _tables(before: SealedDelivery, after: SealedDelivery, component: Component) -> tuple[TableChange, ...]:
    old, new = (_declared_rows(delivery, component) for delivery in (before, after))
    return tuple(
        TableChange(name, old.get(name), new.get(name))
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def _declared_rows(delivery: SealedDelivery, component: Component) -> dict[str, int]:
    part = delivery.declaration.components.get(component)
    return {each.table: each.rows for each in part.database.tables} if part and part.database else {}
