"""Sensors: a new delivery in the inbox becomes a partition and a run."""

import dagster as dg

from orchestration.defs.jobs import import_delivery
from orchestration.defs.partitions import deliveries
from orchestration.installation import Installation
from orchestration.stages.intake import waiting_deliveries


@dg.sensor(job=import_delivery, minimum_interval_seconds=60)
def inbox(
    context: dg.SensorEvaluationContext, installation: dg.ResourceParam[Installation]
) -> dg.SensorResult | dg.SkipReason:
    """Ask for a run of each delivery that lies in the inbox and has no partition yet."""
    known = set(context.instance.get_dynamic_partitions(deliveries.name or ""))
    waiting = [name for name in waiting_deliveries(installation) if name not in known]
    if not waiting:
        return dg.SkipReason("No new delivery lies in the inbox.")
    return dg.SensorResult(
        dynamic_partitions_requests=[deliveries.build_add_request(waiting)],
        run_requests=[dg.RunRequest(run_key=name, partition_key=name) for name in waiting],
    )
