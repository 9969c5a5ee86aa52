"""Runs told to other tools as OpenLineage events: a run's record set beside the dbt project and the contracts."""

from __future__ import annotations

from pathlib import Path

from openlineage.client.event_v2 import RunEvent
from openlineage.client.serde import Serde

from handover.contract.mapping import load_mappings
from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.interchange.datasets import Datasets
from orchestration.interchange.openlineage import events_of
from orchestration.interchange.receiver import send
from orchestration.interchange.run_record import RunRecord
from orchestration.lineage.origin import vendor_columns
from orchestration.lineage.project import Project, read_project
from orchestration.warehouse.project import compiled_manifest, has_compiled


def openlineage_events(installation: Installation, record: RunRecord) -> list[RunEvent]:
    """The events of a run. Columns are followed by the SQL compiled last; the warehouse is not opened."""
    settings = installation.settings
    target = installation.dbt_target
    project = read_project(compiled_manifest(target)) if has_compiled(target) else Project({})
    datasets = Datasets(
        namespace=settings.openlineage.namespace,
        warehouse=settings.warehouse,
        relations=record.relations,
        project=project,
        vendor=vendor_columns(load_mappings()),
    )
    return events_of(record, datasets, settings.openlineage.namespace)


def tell_receiver(installation: Installation, record: RunRecord) -> int:
    """Send a run's events to the receiver of the settings, if there is one; gives how many were taken.

    Raises :class:`orchestration.interchange.errors.NotReceivedError`.
    """
    told = installation.settings.openlineage
    if told.receiver is None:
        return 0
    return send(openlineage_events(installation, record), told.receiver, told.token)


def write_events(installation: Installation, record: RunRecord, out: Path) -> int:
    """Write a run's events to a file of their own, one a line, in place of what it held; gives how many."""
    events = openlineage_events(installation, record)
    try:
        out.write_text("".join(f"{Serde.to_json(event)}\n" for event in events), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{out} can't be written ({error.strerror}): give a file in a folder that exists."
        ) from None
    return len(events)
