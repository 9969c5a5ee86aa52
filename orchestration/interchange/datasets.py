"""Datasets as OpenLineage names them, and what is known of each: relations, the vendor's tables, files.

A relation is named as OpenLineage's own dbt integration names it on DuckDB, so that both speak of one dataset. What
is no relation (a sealed package, an inventory, a report) is named by its asset, in a namespace of this installation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from openlineage.client.facet_v2 import DatasetFacet

from orchestration.interchange.openlineage_facets import Located, column_lineage, dataset_facets
from orchestration.interchange.run_record import AssetMade
from orchestration.lineage.column_lineage import ColumnRef, Input
from orchestration.lineage.influence import Influence, Kind
from orchestration.lineage.origin import VendorColumn, VendorColumns
from orchestration.lineage.project import Name, Project
from orchestration.lineage.relation import lineage_of
from orchestration.warehouse.batches_seen import NEWS


@dataclass(frozen=True, order=True)
class Identity:
    """A dataset's namespace and name."""

    namespace: str
    name: str


@dataclass(frozen=True)
class Datasets:
    """The datasets of one installation. ``relations`` holds the columns and types of the assets that are relations."""

    namespace: str
    warehouse: Path
    relations: Mapping[str, Mapping[str, str]]
    project: Project
    vendor: VendorColumns

    def identity(self, asset: str) -> Identity:
        """``duckdb://<file>`` and ``database.schema.table`` for a relation, else the asset's own name."""
        if asset in self.relations:
            return Identity(f"duckdb://{self.warehouse}", f"{self.warehouse.stem}.{asset}")
        return Identity(f"tiemchung://{self.namespace}", asset.replace(".", "/"))

    def inputs(self, made: AssetMade) -> list[Identity]:
        """What an asset reads: assets, and for raw rows the vendor's table in the dump as well."""
        found = {self.identity(asset) for asset in made.reads}
        return sorted(found | {self._of_vendor(column) for column in self._given(made.asset).values()})

    def sql(self, asset: str) -> str | None:
        """The compiled select of a model."""
        return self.project.relation(_name(asset)).sql if asset in self.relations else None

    def facets(self, made: AssetMade) -> dict[str, DatasetFacet]:
        """What is known of the dataset that was made."""
        facets = dataset_facets(made, self.relations.get(made.asset, {}))
        if given := self._given(made.asset):
            columns = {
                column: [self._renamed(vendor, made.asset, column)] for column, vendor in given.items()
            }
            return facets | {"columnLineage": column_lineage(columns, ())}
        if made.asset not in self.relations:
            return facets
        known = {_name(asset): tuple(columns) for asset, columns in self.relations.items()}
        known[_name(NEWS)] = ("batch_id",)
        lineage = lineage_of(self.project, known, _name(made.asset))
        if lineage is None:
            return facets
        located = {column: list(self._located(inputs)) for column, inputs in lineage.columns.items()}
        return facets | {"columnLineage": column_lineage(located, self._located(lineage.rows))}

    def _given(self, asset: str) -> dict[str, VendorColumn]:
        """The columns of a raw relation that the vendor gave."""
        name = _name(asset)
        columns = (
            (column, self.vendor.get(ColumnRef(name, column))) for column in self.relations.get(asset, {})
        )
        return {column: vendor for column, vendor in columns if vendor}

    def _of_vendor(self, column: VendorColumn) -> Identity:
        return Identity(f"tiemchung://{self.namespace}", f"handover/dump/{column.component}/{column.table}")

    def _renamed(self, vendor: VendorColumn, asset: str, column: str) -> Located:
        """A vendor's column under our name: the same text, or its value in another type."""
        of = self._of_vendor(vendor)
        kind = Kind.IDENTITY if self.relations[asset][column] == "VARCHAR" else Kind.TRANSFORMATION
        return (of.namespace, of.name, vendor.column), Influence(kind)

    def _located(self, inputs: Iterable[Input]) -> Iterator[Located]:
        """Where they lie; the platform's own bookkeeping is no dataset."""
        for each in inputs:
            if each.ref.name == _name(NEWS):
                continue
            of = self.identity(str(each.ref.name))
            yield (of.namespace, of.name, each.ref.column), each.influence


def _name(asset: str) -> Name:
    schema, _, relation = asset.partition(".")
    return Name(schema, relation)
