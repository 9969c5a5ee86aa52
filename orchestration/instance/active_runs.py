"""Runs beside each other: one home's warehouse is for one run at a time, and a killed run holds nothing.

Belongs here: what Dagster's instance knows of active runs and of the pool of the one warehouse writer. Whether a run
lives is :mod:`holds`.
"""

from __future__ import annotations

import fcntl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from orchestration.errors import AnotherRunIsActiveError, UsageError
from orchestration.instance import holds
from orchestration.settings import Settings

LAUNCHED_BY = {"tiemchung/launched_by": "command line"}
WAREHOUSE_POOL = "warehouse"
WAREHOUSE_TAG = f".dagster/pool/{WAREHOUSE_POOL}"
"""How Dagster marks a run in which a step needs the warehouse's pool."""
_UNDER_WAY = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED]
_WHOSE_HOME = "tiemchung/home"


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
        fail_killed_runs(instance, settings.dagster_home)
        _refuse_beside_another(instance)
        yield instance


def free_what_killed_runs_hold(settings: Settings) -> None:
    """Let queued runs go on after runs were killed, with or without their server."""
    with dg.DagsterInstance.get() as instance:
        fail_killed_runs(instance, settings.dagster_home)


def fail_killed_runs(instance: dg.DagsterInstance, dagster_home: Path, now: datetime | None = None) -> int:
    """Mark runs as failed whose process is gone, and free what they held; returns how many there were.

    Dagster does it for a run whose server lives; where both were killed it would wait for ever. Looked at are runs of
    command lines and those that take the warehouse, for these hold a file.
    """
    begun_by = (now or datetime.now(UTC)) - timedelta(seconds=instance.run_monitoring_start_timeout_seconds)
    by_command_line = dg.RunsFilter(statuses=[dg.DagsterRunStatus.NOT_STARTED, *_UNDER_WAY], tags=LAUNCHED_BY)
    on_the_warehouse = dg.RunsFilter(statuses=_UNDER_WAY, tags={WAREHOUSE_TAG: "true"})
    records = {
        each.dagster_run.run_id: each
        for asked in (by_command_line, on_the_warehouse)
        for each in instance.get_run_records(asked)
    }
    killed = [run_id for run_id, each in records.items() if _is_gone(each, dagster_home, begun_by)]
    # A run has its end written down before it lets go: what is not written down by now never will be.
    runs = instance.get_runs(dg.RunsFilter(run_ids=killed)) if killed else []
    unfinished = [run for run in runs if not run.is_finished]
    for run in unfinished:
        instance.report_run_failed(run, "The process that ran it was ended from outside.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    _forget_ended(instance, dagster_home)
    return len(unfinished)


def require_own_storage(instance: dg.DagsterInstance, dagster_home: Path) -> None:
    """Raise :class:`UsageError` where the storage keeps the runs of another home: neither could tell its own."""
    own = dagster_home / "home.id"
    with suppress(FileExistsError), own.open("x", encoding="ascii") as stream:
        stream.write(uuid.uuid4().hex)
    known = instance.daemon_cursor_storage.get_cursor_values({_WHOSE_HOME}).get(_WHOSE_HOME)
    if known is None:
        instance.daemon_cursor_storage.set_cursor_values({_WHOSE_HOME: own.read_text("ascii")})
    elif known != own.read_text("ascii"):
        raise UsageError(
            f"The database that is to keep Dagster's runs of {dagster_home.parent} keeps those of another home; name a "
            "database of its own."
        )


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


def _is_gone(record: dg.RunRecord, dagster_home: Path, begun_by: datetime) -> bool:
    """Whether the process that held the run's file has ended, or never came to hold it."""
    let_go = holds.is_let_go(dagster_home, record.dagster_run.run_id)
    return record.update_timestamp < begun_by if let_go is None else let_go


def _forget_ended(instance: dg.DagsterInstance, dagster_home: Path) -> None:
    """Remove the files of runs that have ended, or that Dagster no longer knows."""
    held = holds.run_ids(dagster_home)
    runs = instance.get_runs(dg.RunsFilter(run_ids=held)) if held else []
    open_ones = {run.run_id for run in runs if not run.is_finished}
    for run_id in set(held) - open_ones:
        if holds.is_let_go(dagster_home, run_id):
            holds.forget(dagster_home, run_id)


def _refuse_beside_another(instance: dg.DagsterInstance) -> None:
    """Runs of the daemon queue for the warehouse; a command line's run does not wait for them, so it doesn't start."""
    active = dg.RunsFilter(statuses=_UNDER_WAY, tags={WAREHOUSE_TAG: "true"})
    if instance.get_runs(active, limit=1):
        raise AnotherRunIsActiveError(
            "A run that was started in Dagster is active on this home; wait until it has ended, or cancel it there."
        )
