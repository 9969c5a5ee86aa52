"""Traces: a figure of the warehouse as it stands, walked back to the vendor's columns, the bags and the letter."""

from __future__ import annotations

from handover.contract.mapping import load_mappings
from orchestration.installation import Installation
from orchestration.lineage.trace import Trace, trace_figure
from orchestration.stages.publication import letter_beside
from orchestration.warehouse.scope import recorded_packages
from orchestration.warehouse.transformation import compiled_manifest


def trace_of(installation: Installation, figure: str, sample: int) -> Trace:
    """Trace one figure; ``sample`` row addresses at most.

    Raises :class:`orchestration.lineage.trace.TraceError` for an unknown figure and
    :class:`orchestration.warehouse.errors.WarehouseError` when nothing was run here yet.
    """
    installation.warehouse.require()
    manifest = compiled_manifest(installation.dbt_target)
    with installation.warehouse.connect() as connection:
        packages = recorded_packages(connection)
        return trace_figure(
            figure,
            manifest=manifest,
            connection=connection,
            contracts=load_mappings(),
            deliveries={package: installation.vault.delivery(package).bag_sha256 for package in packages},
            letter=letter_beside(installation),
            sample=sample,
        )
