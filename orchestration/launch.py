"""Runs of the platform's jobs from the command line, through Dagster: the same runs, assets and checks as in its UI.

With ``defs``, ``instance`` and ``run_log`` all that imports Dagster; it holds no knowledge of what the steps do.
"""

from __future__ import annotations

import importlib
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_postgres.utils import DagsterPostgresException
from sqlalchemy.exc import OperationalError

from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.instance.active_runs import LAUNCHED_BY, alone, make_pool_known, require_own_storage
from orchestration.instance.holds import holding
from orchestration.interchange.errors import NotReceivedError
from orchestration.run_log import read_run
from orchestration.settings import Settings
from orchestration.stages.lineage_events import tell_receiver
from orchestration.warehouse import following, transformation

INSTANCE_FILES = Path(__file__).parent / "instance"
ANEW_TAG = {following.BUILD_TAG: following.ANEW}
DAGSTER_POSTGRES = "TIEMCHUNG_DAGSTER_POSTGRES_URL"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class RunOutcome:
    """What became of a run: sentences of what failed, rules that stopped it, assets that were never made.

    ``notices`` tell of what does not touch the run: other tools that could not be told of it.
    """

    run_id: str
    failures: tuple[str, ...]
    failed_checks: tuple[str, ...]
    missing_assets: tuple[str, ...]
    notices: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Nothing failed and nothing that was to be made is missing: Dagster may call a run with skips a success."""
        return not (self.failures or self.failed_checks or self.missing_assets)


def warm_up(settings: Settings) -> None:
    """Load what a run will need, to be called while another process works: Great Expectations alone takes seconds."""
    prepare(settings)
    for name in ("expectations.pushdown", "orchestration.definitions"):
        importlib.import_module(name)
    transformation.parsed()


OnStep = Callable[[str, str], None]


def prepare(settings: Settings) -> None:
    """Make the home ready for Dagster: its instance file, the warehouse's pool, the dbt manifest."""
    settings.export()
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    chosen = _choose_storage(settings)
    try:
        with dg.DagsterInstance.get() as instance:
            if settings.dagster_postgres:
                require_own_storage(instance, settings.dagster_home)
            make_pool_known(instance)
    except (DagsterPostgresException, OperationalError) as error:
        if chosen is not None:  # so that another one may be chosen
            chosen.unlink()
        raise UsageError(
            f"Dagster's database of {DAGSTER_POSTGRES} cannot be used ({type(error).__name__}); see that it runs, and "
            "that its address, user and password are right."
        ) from None
    transformation.prepare_manifest()


def _choose_storage(settings: Settings) -> Path | None:
    """Copy the instance file of the storage that the settings name; one that is there stays (None)."""
    instance_file = settings.dagster_home / "dagster.yaml"
    if not instance_file.exists():
        kind = "postgres.yaml" if settings.dagster_postgres else "embedded.yaml"
        return shutil.copyfile(INSTANCE_FILES / kind, instance_file)
    keeps_in_postgres = DAGSTER_POSTGRES in instance_file.read_text("utf-8")
    if settings.dagster_postgres and not keeps_in_postgres:
        raise UsageError(
            f"{DAGSTER_POSTGRES} is set, but {instance_file} keeps Dagster's runs elsewhere; unset it, or move that "
            "file away to begin a new history of runs in PostgreSQL."
        )
    if keeps_in_postgres and not settings.dagster_postgres:
        raise UsageError(
            f"{instance_file} keeps Dagster's runs in PostgreSQL; say where in {DAGSTER_POSTGRES}, or move that file "
            "away to begin a new history of runs in the home."
        )
    return None


def run_delivery(
    settings: Settings, delivery: str, bag: Path | None, on_step: OnStep, *, is_anew: bool = False
) -> RunOutcome:
    """The main job on one delivery; ``on_step(step, state)`` hears of steps as they start and end.

    ``is_anew`` builds every relation anew, where what stands could be brought forward.
    """
    config = {"ops": {"handover__sealed_delivery": {"config": {"bag": str(bag) if bag else ""}}}}
    return _run(settings, "import_delivery", delivery, config, on_step, ANEW_TAG if is_anew else {})


def run_increment(settings: Settings, day: str, on_step: OnStep) -> RunOutcome:
    """The daily job on one day (``yyyy-mm-dd``)."""
    return _run(settings, "follow_increment", day, {}, on_step)


def _run(
    settings: Settings,
    job_name: str,
    partition: str,
    config: Mapping[str, Any],
    on_step: OnStep,
    tags: Mapping[str, str] | None = None,
) -> RunOutcome:
    prepare(settings)
    from orchestration.definitions import defs  # noqa: PLC0415  -- it reads the manifest just prepared

    with alone(settings) as instance:
        if job_name == "import_delivery":
            instance.add_dynamic_partitions("deliveries", [partition])
        job = defs().resolve_job_def(job_name)
        run_id = str(uuid.uuid4())
        with holding(settings.dagster_home, run_id), _watched(instance, run_id, on_step):
            job.execute_in_process(
                run_config={**QUIET, **config},
                instance=instance,
                partition_key=partition,
                raise_on_error=False,
                run_id=run_id,
                tags={**LAUNCHED_BY, **(tags or {})},
                resources={"installation": Installation(settings)},
            )
        told = _tell(instance, run_id, defs().resolve_asset_graph(), settings)
        return replace(_outcome(instance, run_id), notices=told)


def _tell(instance: dg.DagsterInstance, run_id: str, graph: Any, settings: Settings) -> tuple[str, ...]:
    """Tell the receiver of the settings, where there is one, of the run; gives why it could not be told."""
    try:
        record = read_run(instance, run_id, graph) if settings.openlineage.receiver else None
        if record:
            tell_receiver(Installation(settings), record)
    except NotReceivedError as error:
        return (str(error),)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong beside a run may not make it look failed
        return (f"OpenLineage events could not be made: {type(error).__name__}.",)
    return ()


@contextmanager
def _watched(instance: dg.DagsterInstance, run_id: str, on_step: OnStep) -> Iterator[None]:
    """Tell ``on_step`` of the run's steps while the block executes, from Dagster's own event log."""
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(instance, run_id, on_step, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


STEP_STATES = {
    dg.DagsterEventType.STEP_START: "started",
    dg.DagsterEventType.STEP_SUCCESS: "done",
    dg.DagsterEventType.STEP_FAILURE: "failed",
}


def _watch(instance: dg.DagsterInstance, run_id: str, on_step: OnStep, ended: threading.Event) -> None:
    cursor: str | None = None
    while True:
        is_last_look = ended.wait(POLL_SECONDS)
        connection = instance.get_records_for_run(run_id, cursor=cursor, of_type=set(STEP_STATES), limit=1000)
        cursor = connection.cursor
        for record in connection.records:
            event = record.event_log_entry.get_dagster_event()
            on_step(event.step_key or "", STEP_STATES[event.event_type])
        if is_last_look:
            return


def _outcome(instance: dg.DagsterInstance, run_id: str) -> RunOutcome:
    events = [
        record.event_log_entry.get_dagster_event()
        for record in instance.get_records_for_run(run_id).records
        if record.event_log_entry.is_dagster_event
    ]
    made = {e.asset_key for e in events if e.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION}
    planned = {
        e.asset_key for e in events if e.event_type is dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
    }
    checks = [
        e.asset_check_evaluation_data
        for e in events
        if e.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    return RunOutcome(
        run_id=run_id,
        failures=tuple(_sentence(e) for e in events if e.event_type is dg.DagsterEventType.STEP_FAILURE),
        failed_checks=tuple(
            f"{check.check_name} ({'.'.join(check.asset_key.path)})"
            for check in checks
            if not check.passed and check.blocking and check.severity is dg.AssetCheckSeverity.ERROR
        ),
        missing_assets=tuple(sorted("/".join(key.path) for key in planned - made if key)),
    )


def _sentence(event: dg.DagsterEvent) -> str:
    """What a step's error said: the innermost cause, without its class name."""
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    message = error.message.strip() if error else "It failed without a message."
    return message.split(": ", 1)[-1]
