"""Raw rows: dumps of sealed packages into the lake, and the views that give vendor columns our names.

Nothing here changes a value. What the contract expects and a dump lacks shows as NULL here and as a finding there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import duckdb
from sqlglot import exp

from handover.contract.mapping import ColumnMapping, Mapping, TableMapping
from handover.delivered_dumps import DeliveredDump, delivered_dump
from handover.dump.manifest import DumpManifest, ImportedTable
from handover.parts import Component
from handover.sealed import SealedDelivery
from orchestration.warehouse.errors import WarehouseError
from orchestration.warehouse.relations import row_count
from orchestration.warehouse.scope import Scope


@dataclass(frozen=True)
class ImportedPackage:
    """One sealed package whose dumps lie in the lake; ``manifests`` by component."""

    package: SealedDelivery
    manifests: dict[Component, DumpManifest]

    def table(self, component: Component, vendor_table: str) -> ImportedTable | None:
        """The imported table of that name (``schema.table``), or None when the dump has no such table."""
        manifest = self.manifests.get(component)
        found = [t for t in manifest.tables if f"{t.schema}.{t.name}" == vendor_table] if manifest else []
        return found[0] if found else None

    def row_counts(self) -> dict[Component, dict[str, int]]:
        """Rows read, per component and vendor table."""
        return {
            component: {f"{t.schema}.{t.name}": t.rows for t in manifest.tables}
            for component, manifest in self.manifests.items()
        }


def import_package(
    package: SealedDelivery, lake: Path, on_progress: Callable[[int, int], None] | None = None
) -> ImportedPackage:
    """Read every declared dump of a package into ``lake/raw/<package>/<component>``; complete tables are kept.

    Raises :class:`handover.errors.HandoverError` when a dump is absent or cannot be read to its end.
    """
    manifests: dict[Component, DumpManifest] = {}
    for component, part in package.declaration.components.items():
        if part.database is not None:
            dump = _declared_dump(package, component, part.database.path)
            manifests[component] = dump.import_to(lake / "raw" / package.id / component, on_progress)
    return ImportedPackage(package, manifests)


def publish_views(
    connection: duckdb.DuckDBPyConnection,
    scope: Scope,
    imported: Iterable[ImportedPackage],
    mappings: Iterable[Mapping],
) -> dict[str, int]:
    """Create one view per mapped table over all packages of the scope; returns rows per view."""
    connection.execute("create schema if not exists raw")
    packages = tuple(imported)
    if {p.package.id for p in packages} != {p.id for p in scope.packages}:
        raise WarehouseError(
            "The imported packages are not those of the scope; import every package of it first."
        )
    counts: dict[str, int] = {}
    for mapping in mappings:
        for table in mapping.tables:
            connection.execute(view_sql(table, mapping.component, packages))
            counts[table.name] = row_count(connection, "raw", table.name)
    return counts


def view_sql(table: TableMapping, component: Component, packages: Iterable[ImportedPackage]) -> str:
    """The statement that creates a mapped table's view; identifiers and literals are quoted by sqlglot."""
    parts = [
        _select(table, imported, found)
        for imported in packages
        if (found := imported.table(component, table.vendor_table)) is not None
    ] or [_empty(table)]
    name = exp.table_(exp.to_identifier(table.name, quoted=True), db="raw").sql("duckdb")
    return f"create or replace view {name} as\n" + "\nunion all\n".join(part.sql("duckdb") for part in parts)


def _select(table: TableMapping, imported: ImportedPackage, found: ImportedTable) -> exp.Select:
    fields = {column.name: column.field for column in found.columns}
    files = exp.Literal.string(str(found.folder / "*.parquet"))
    covers_on = imported.package.declaration.covers_on
    return exp.select(
        *(_mapped(column, fields.get(column.vendor_column)) for column in table.columns),
        exp.Literal.string(imported.package.id).as_("_delivery"),
        exp.Literal.string(table.vendor_table).as_("_table"),
        exp.column("_row").as_("_row"),
        exp.cast(exp.Literal.string(str(covers_on)) if covers_on else exp.Null(), "date").as_(
            "_increment_on"
        ),
        dialect="duckdb",
    ).from_(exp.func("read_parquet", files, dialect="duckdb"))


def _mapped(column: ColumnMapping, field: str | None) -> exp.Alias:
    """The vendor's column under our name and type; what does not fit the type is NULL here, and a finding there."""
    given = exp.Null() if field is None else exp.column(exp.to_identifier(field, quoted=True))
    wanted = exp.DataType.build(column.type, dialect="duckdb")
    return exp.alias_(exp.TryCast(this=given, to=wanted), column.name)


def _empty(table: TableMapping) -> exp.Select:
    address = {"_delivery": "varchar", "_table": "varchar", "_row": "bigint", "_increment_on": "date"}
    columns = {c.name: c.type for c in table.columns} | address
    return exp.select(
        *(exp.cast(exp.Null(), type_).as_(name) for name, type_ in columns.items()), dialect="duckdb"
    ).where(exp.false())


def _declared_dump(package: SealedDelivery, component: Component, path: PurePosixPath) -> DeliveredDump:
    if dump := delivered_dump(package, component):
        return dump
    raise WarehouseError(
        f"Delivery {package.id} declares {path} as the database of {component} but does not contain it; "
        "ask the vendor for a complete package."
    )
