"""Sensors: a new delivery in the inbox becomes a partition and a run."""

import json
from dataclasses import asdict

import dagster as dg

from orchestration.defs.jobs import import_delivery
from orchestration.defs.partitions import deliveries
from orchestration.defs.resources import Clock
from orchestration.installation import Installation
from orchestration.stages.intake import Sighting, waiting_deliveries


@dg.sensor(job=import_delivery, minimum_interval_seconds=60)
def inbox(
    context: dg.SensorEvaluationContext,
    installation: dg.ResourceParam[Installation],
    clock: dg.ResourceParam[Clock],
) -> dg.SensorResult:
    """Ask for a run of each delivery (bag, zip or tar) that lies in the inbox and has no partition yet."""
    earlier = {path: Sighting(**seen) for path, seen in json.loads(context.cursor or "{}").items()}
    seen = waiting_deliveries(installation, earlier, clock())
    known = set(context.instance.get_dynamic_partitions(deliveries.name or ""))
    waiting = sorted({each.delivery for each in seen.values() if each.delivery} - known)
    return dg.SensorResult(
        cursor=json.dumps({path: asdict(each) for path, each in seen.items()}),
        dynamic_partitions_requests=[deliveries.build_add_request(waiting)] if waiting else [],
        run_requests=[dg.RunRequest(run_key=name, partition_key=name) for name in waiting],
        skip_reason=None if waiting else _skipped(seen),
    )


def _skipped(seen: dict[str, Sighting]) -> str:
    unnamed = sum(each.delivery is None for each in seen.values())
    rest = f" {unnamed} package(s) there don't say which delivery they are: assess them." if unnamed else ""
    return "No new delivery lies in the inbox." + rest
