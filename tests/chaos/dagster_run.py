"""One exchange as Dagster's run of the assets from the outbox to the answers, to be killed at any moment.

Dagster's instance is taken as a command line's run takes it; only the register is waited for less long.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

import dagster as dg

from orchestration import launch
from orchestration.defs.resources import utc_now
from orchestration.defs.verification.assets import exchange, outbox
from orchestration.installation import Installation
from orchestration.instance import active_runs
from orchestration.instance.holds import holding
from orchestration.settings import Settings
from tests.chaos.client import PATIENCE


def settings_of(home: str, url: str | None = None, token: str | None = None) -> Settings:
    """Settings of a home that asks this register."""
    named = {"HOME": home, "REGISTER_URL": url or "", "REGISTER_TOKEN": token or ""}
    return Settings.from_environ({f"TIEMCHUNG_{name}": value for name, value in named.items()})


def main(home: str, url: str, token: str) -> None:
    """Bury what was killed before, run; exit 1 where the run failed."""
    settings = settings_of(home, url, token)
    launch.prepare(settings)
    resources = {"installation": Installation(settings), "clock": utc_now, "patience": PATIENCE}
    job = dg.Definitions([outbox, exchange], resources=resources).resolve_implicit_global_asset_job_def()
    run_id = str(uuid.uuid4())
    with active_runs.alone(settings) as instance, holding(settings.dagster_home, run_id):
        done = job.execute_in_process(
            run_config=launch.QUIET,
            instance=instance,
            raise_on_error=False,
            run_id=run_id,
            tags=active_runs.LAUNCHED_BY,
        )
    sys.exit(0 if done.success else 1)


def make_ready(home: str) -> None:
    """Dagster's instance of a home, empty, as it is before the first run."""
    launch.prepare(settings_of(home))
    with dg.DagsterInstance.get() as instance:
        instance.get_runs(limit=1)


def tell(home: str, told: str) -> None:
    """Write down which runs Dagster holds to be under way, though all processes have ended, and how runs ended."""
    launch.prepare(settings_of(home))
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs()
        pool = instance.event_log_storage.get_concurrency_info("warehouse")
        held = [f"run {run.run_id} is {run.status.value}" for run in runs if not run.is_finished]
        held += [f"run {run_id} holds the warehouse" for run_id in pool.active_run_ids | pool.pending_run_ids]
    Path(told).write_text(json.dumps({"held": held, "last": runs[0].status.value}), "utf-8")
