"""Runs beside each other: one home's warehouse is for one run at a time, and a killed run holds nothing.

Belongs here: what Dagster's instance knows of active runs and of the pool of the one warehouse writer.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg

from orchestration.errors import AnotherRunIsActiveError
from orchestration.processes import is_alive
from orchestration.settings import Settings

LAUNCHED_BY = {"tiemchung/launched_by": "command line"}
WAREHOUSE_POOL = "warehouse"
WAREHOUSE_TAG = f".dagster/pool/{WAREHOUSE_POOL}"
"""How Dagster marks a run in which a step needs the warehouse's pool."""
EMBEDDED = "SqliteRunStorage"
"""Dagster's storage where all its processes are of this machine, so that their numbers tell whether they live."""


def make_pool_known(instance: dg.DagsterInstance) -> None:
    """Where the daemon meets a pool for the first time, it lets all runs pass that are queued at that moment.

    A limit that somebody set stays.
    """
    storage = instance.event_log_storage
    if WAREHOUSE_POOL not in {pool.name for pool in storage.get_pool_limits()}:
        storage.initialize_concurrency_limit_to_default(WAREHOUSE_POOL)


@contextmanager
def alone(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The home's Dagster for one run of a command line: nothing else runs meanwhile, and killed runs hold nothing.

    Raises :class:`AnotherRunIsActiveError` where another run is active, of a command line or of Dagster's daemon.
    """
    with _only_run(settings.home), dg.DagsterInstance.get() as instance:
        _bury_killed_runs(instance)
        _refuse_beside_another(instance)
        yield instance


def free_what_killed_runs_hold(settings: Settings) -> None:
    """Let queued runs go on after a run was killed, with or without its server; nothing where a command line runs."""
    with suppress(AnotherRunIsActiveError), _only_run(settings.home), dg.DagsterInstance.get() as instance:
        _bury_killed_runs(instance)


@contextmanager
def _only_run(home: Path) -> Iterator[None]:
    """Hold the home's lock while a run lasts; the operating system lets it go when the process dies."""
    with (home / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherRunIsActiveError(
                f"Another run is active on {home}; wait until it has ended, or choose another home directory."
            ) from None
        yield


def _bury_killed_runs(instance: dg.DagsterInstance) -> None:
    """Mark killed runs as failed and free what they held.

    Of command lines none lives, for we hold their lock. A run of the daemon is looked after by the server that started
    it; where that was killed with it, Dagster would wait for ever, so we look whether its process is still there.
    """
    unfinished = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED]
    killed = [*instance.get_runs(dg.RunsFilter(statuses=unfinished, tags=LAUNCHED_BY))]
    if type(instance.run_storage).__name__ == EMBEDDED:
        begun = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
        started = instance.get_runs(dg.RunsFilter(statuses=begun))
        killed += [run for run in started if run not in killed and _is_process_gone(instance, run.run_id)]
    for run in killed:
        instance.report_run_failed(run, "The process that ran it was ended from outside.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)


def _is_process_gone(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether the process that Dagster noted last for a run has ended; where it noted none, it has not."""
    noted = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ENGINE_EVENT, ascending=False)
    for record in noted.records:
        metadata = record.event_log_entry.get_dagster_event().engine_event_data.metadata
        if "pid" in metadata:
            return not is_alive(int(str(metadata["pid"].value)))
    return False


def _refuse_beside_another(instance: dg.DagsterInstance) -> None:
    """Runs of the daemon queue for the warehouse; a command line's run does not wait for them, so it doesn't start."""
    active = dg.RunsFilter(
        statuses=[dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED], tags={WAREHOUSE_TAG: "true"}
    )
    if instance.get_runs(active, limit=1):
        raise AnotherRunIsActiveError(
            "A run that was started in Dagster is active on this home; wait until it has ended, or cancel it there."
        )
