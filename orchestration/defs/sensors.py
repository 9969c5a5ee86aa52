"""Sensors: a new delivery in the inbox becomes a partition and a run; runs that ended are told to other tools."""

import json
from dataclasses import asdict
from datetime import datetime

import dagster as dg

from orchestration.defs.jobs import import_delivery
from orchestration.defs.partitions import deliveries
from orchestration.defs.resources import Clock
from orchestration.installation import Installation
from orchestration.instance.active_runs import LAUNCHED_BY, fail_killed_runs
from orchestration.run_log import FINISHED, read_run
from orchestration.stages.intake import Sighting, waiting_deliveries
from orchestration.stages.lineage_events import tell_receiver


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


@dg.sensor(minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def killed_runs(
    context: dg.SensorEvaluationContext, installation: dg.ResourceParam[Installation]
) -> dg.SkipReason:
    """Fail runs whose process was killed together with its server, so that queued ones go on."""
    killed = fail_killed_runs(context.instance, installation.settings.dagster_home)
    return dg.SkipReason(f"{killed} killed run(s) were marked as failed.")


RUNS_AT_ONCE = 1


@dg.sensor(minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def openlineage(
    context: dg.SensorEvaluationContext,
    installation: dg.ResourceParam[Installation],
    clock: dg.ResourceParam[Clock],
) -> dg.SensorResult:
    """Tell the OpenLineage receiver of the settings of each run that ended; one that is down is asked again later.

    A run of the command line tells of itself. Runs that ended before the first look are not told.
    """
    repository = context.repository_def
    if installation.settings.openlineage.receiver is None or repository is None:
        return dg.SensorResult(skip_reason="TIEMCHUNG_OPENLINEAGE names no receiver.")
    seen = datetime.fromisoformat(context.cursor) if context.cursor else clock()
    ended = dg.RunsFilter(statuses=FINISHED, updated_after=seen)
    runs = context.instance.get_run_records(
        ended, limit=RUNS_AT_ONCE, order_by="update_timestamp", ascending=True
    )
    for run in runs:
        record = read_run(context.instance, run.dagster_run.run_id, repository.asset_graph)
        if record and run.dagster_run.tags.items().isdisjoint(LAUNCHED_BY.items()):
            tell_receiver(installation, record)
    seen = runs[-1].update_timestamp if runs else seen
    return dg.SensorResult(cursor=seen.isoformat(), skip_reason=f"{len(runs)} run(s) have ended since.")
