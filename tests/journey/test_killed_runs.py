"""Of two runs on a home one is refused; a killed one holds nothing, be its server killed with it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from orchestration import launch
from orchestration.errors import AnotherRunIsActiveError
from orchestration.instance import active_runs
from orchestration.settings import Settings

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("faults")]
RUN = """
import sys
import dagster as dg

@dg.op(pool="warehouse")
def waits():
    print("started", flush=True)
    sys.stdin.read()

@dg.job(executor_def=dg.in_process_executor)
def holds_the_warehouse():
    waits()

with dg.DagsterInstance.get() as instance:
    holds_the_warehouse.execute_in_process(instance=instance, tags={sys.argv[1]: "true"})
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings.from_environ({"TIEMCHUNG_HOME": str(tmp_path / "home")})
    launch.prepare(made)
    return made


@contextmanager
def active_run() -> Iterator[subprocess.Popen[bytes]]:
    """A run as Dagster's daemon has it: it is not of a command line, and needs the warehouse."""
    command = [sys.executable, "-c", RUN, active_runs.WAREHOUSE_TAG]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        try:
            yield process
        finally:
            process.kill()


def test_a_prepared_home_knows_the_warehouses_pool_and_keeps_a_limit_that_somebody_set(
    settings: Settings,
) -> None:
    with dg.DagsterInstance.get() as instance:
        limits = {pool.name: pool.limit for pool in instance.event_log_storage.get_pool_limits()}
        assert limits == {active_runs.WAREHOUSE_POOL: 1}
        instance.event_log_storage.set_concurrency_slots(active_runs.WAREHOUSE_POOL, 0)
    launch.prepare(settings)
    with dg.DagsterInstance.get() as instance:
        assert [pool.limit for pool in instance.event_log_storage.get_pool_limits()] == [0]


def test_a_run_whose_process_is_gone_is_failed_and_one_that_lives_is_waited_for(settings: Settings) -> None:
    with active_run() as process:
        with pytest.raises(AnotherRunIsActiveError, match="started in Dagster"), active_runs.alone(settings):
            pass
        assert statuses() == [dg.DagsterRunStatus.STARTED]
        process.kill()
        process.wait()
    active_runs.free_what_killed_runs_hold(settings)
    assert statuses() == [dg.DagsterRunStatus.FAILURE]
    with active_runs.alone(settings) as instance:
        assert not instance.event_log_storage.get_concurrency_info("warehouse").active_run_ids


def test_the_second_of_two_command_lines_is_refused(settings: Settings) -> None:
    with (settings.home / "run.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with (
            pytest.raises(AnotherRunIsActiveError, match="Another run is active"),
            active_runs.alone(settings),
        ):
            pass
        active_runs.free_what_killed_runs_hold(settings)
    with active_runs.alone(settings):
        pass


def statuses() -> list[dg.DagsterRunStatus]:
    with dg.DagsterInstance.get() as instance:
        return [run.status for run in instance.get_runs()]
