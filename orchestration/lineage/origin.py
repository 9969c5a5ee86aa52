"""Where a figure's way begins: the vendor's table and column, the register's answer, or a list of our own.

Belongs here: naming the ends of a way. Walking there is :mod:`orchestration.lineage.path`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from handover.contract.mapping import Mapping as Contract
from orchestration.lineage.column_lineage import ColumnRef
from orchestration.lineage.path import Use, Way
from orchestration.lineage.project import Kind, Name, Project

RAW = "raw"
"""The schema whose relations hold the vendor's rows under our names."""


@dataclass(frozen=True)
class VendorColumn:
    """A column as the vendor calls it: component, ``schema.table`` and column; and what the contract says of it."""

    component: str
    table: str
    column: str
    meaning: str
    is_personal: bool

    def as_json(self) -> dict[str, str | bool]:
        """The column as plain values; the name of a personal column, never its content."""
        return asdict(self)


VendorColumns = Mapping[ColumnRef, VendorColumn]


@dataclass(frozen=True)
class Origin:
    """A column where the way begins. ``vendor`` is ``None`` for what the vendor did not give.

    That is: the address of a row (made by the import), the register's answers, and lists of our own (seeds).
    """

    ref: ColumnRef
    use: Use
    kind: Kind
    vendor: VendorColumn | None

    def as_json(self) -> dict[str, Any]:
        """The origin as plain values."""
        return {
            "relation": str(self.ref.name),
            "column": self.ref.column,
            "use": self.use.value,
            "kind": self.kind.value,
            "vendor": self.vendor.as_json() if self.vendor else None,
        }


def vendor_columns(contracts: Iterable[Contract]) -> VendorColumns:
    """The vendor's name of every raw column, by the handover contracts of the components."""
    return {
        ColumnRef(Name(RAW, table.name), column.name): VendorColumn(
            component=contract.component.value,
            table=table.vendor_table,
            column=column.vendor_column,
            meaning=column.meaning,
            is_personal=column.is_personal,
        )
        for contract in contracts
        for table in contract.tables
        for column in table.columns
    }


def origins_of(way: Way, project: Project, vendor: VendorColumns) -> tuple[Origin, ...]:
    """The ends of a way with the vendor's names for them, direct ones first."""
    found = [Origin(ref, use, project.relation(ref.name).kind, vendor.get(ref)) for ref, use in way.ends]
    return tuple(sorted(found, key=lambda origin: (origin.use is Use.INDIRECT, origin.ref)))
