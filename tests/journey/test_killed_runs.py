"""Of two runs on a home one is refused; a killed one holds nothing, be its server killed with it.

Whether Dagster keeps its runs in files or in PostgreSQL.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import dagster as dg
import psycopg
import pytest
from dagster_postgres import PostgresRunStorage

from orchestration import launch
from orchestration.defs.sensors import killed_runs
from orchestration.errors import AnotherRunIsActiveError, UsageError
from orchestration.installation import Installation
from orchestration.instance import active_runs, holds
from orchestration.settings import Settings
from orchestration.variables import SettingsError
from tests.journey.conftest import SCALE, tiemchung

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("faults")]
RUN = """
import sys
import dagster as dg
from orchestration.defs.resources import installation

@dg.op(pool="warehouse", required_resource_keys={"installation"})
def waits():
    print("started", flush=True)
    sys.stdin.read()

@dg.job(executor_def=dg.in_process_executor, resource_defs={"installation": installation})
def holds_the_warehouse():
    waits()

with dg.DagsterInstance.get() as instance:
    holds_the_warehouse.execute_in_process(instance=instance, tags={sys.argv[1]: "true"})
"""


def own_database(server: str) -> str:
    """The address of a new database on the server, in whose time zone it is some hours later."""
    name = f"dagster_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"create database {name}")
        connection.execute(f"alter database {name} set timezone to 'Asia/Ho_Chi_Minh'")
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["files", "postgres"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    environ = {"TIEMCHUNG_HOME": str(tmp_path / "home")}
    if request.param == "postgres":
        environ["TIEMCHUNG_DAGSTER_POSTGRES_URL"] = own_database(request.getfixturevalue("postgres"))
    made = Settings.from_environ(environ)
    launch.prepare(made)
    with dg.DagsterInstance.get() as instance:
        assert isinstance(instance.run_storage, PostgresRunStorage) is (request.param == "postgres")
    return made


@contextmanager
def active_run(*, held: bool = True) -> Iterator[subprocess.Popen[bytes]]:
    """A run as Dagster's daemon has it: it is not of a command line, and needs the warehouse."""
    run = RUN if held else RUN.replace("installation}", "dg.ResourceDefinition.hardcoded_resource(None)}")
    command = [sys.executable, "-c", run, active_runs.WAREHOUSE_TAG]
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


def test_the_daemon_fails_a_killed_run_without_anybody_asking(settings: Settings) -> None:
    with active_run() as process:
        assert look(settings) == "0 killed run(s) were marked as failed."
        process.kill()
        process.wait()
    assert look(settings) == "1 killed run(s) were marked as failed."
    assert statuses() == [dg.DagsterRunStatus.FAILURE]
    assert holds.run_ids(settings.dagster_home) == []


def look(settings: Settings) -> str | None:
    """What the sensor says."""
    with dg.DagsterInstance.get() as instance:
        said = killed_runs(dg.build_sensor_context(instance), installation=Installation(settings))
    assert isinstance(said, dg.SkipReason)
    return said.skip_message


def test_a_run_whose_process_never_began_is_failed_after_a_while(settings: Settings) -> None:
    @dg.job
    def nothing() -> None:
        pass

    with dg.DagsterInstance.get() as instance:
        run = instance.create_run_for_job(nothing, tags={active_runs.WAREHOUSE_TAG: "true"})
        instance.report_dagster_event(
            dg.DagsterEvent(dg.DagsterEventType.RUN_STARTING.value, run.job_name), run.run_id
        )
        assert active_runs.fail_killed_runs(instance, settings.dagster_home) == 0
        later = datetime.now(UTC) + timedelta(seconds=instance.run_monitoring_start_timeout_seconds + 1)
        assert active_runs.fail_killed_runs(instance, settings.dagster_home, now=later) == 1
    assert statuses() == [dg.DagsterRunStatus.FAILURE]


def test_a_home_keeps_the_storage_it_began_with(settings: Settings, tmp_path: Path) -> None:
    other = None if settings.dagster_postgres else "postgresql://u:hidden@127.0.0.1:1/x"
    environ = {"TIEMCHUNG_HOME": str(settings.home), "TIEMCHUNG_DAGSTER_POSTGRES_URL": other or ""}
    with pytest.raises(UsageError, match="PostgreSQL") as refused:
        launch.prepare(Settings.from_environ(environ))
    assert "hidden" not in str(refused.value)


def test_a_live_run_of_a_command_line_is_left_alone_and_a_killed_one_failed(settings: Settings) -> None:
    with active_run(held=False) as process, dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
        instance.add_run_tags(run.run_id, active_runs.LAUNCHED_BY)
        with holds.holding(settings.dagster_home, run.run_id):
            assert look(settings) == "0 killed run(s) were marked as failed."
            with pytest.raises(AnotherRunIsActiveError), active_runs.alone(settings):
                pass
        process.kill()
    assert look(settings) == "1 killed run(s) were marked as failed."
    assert statuses() == [dg.DagsterRunStatus.FAILURE]


def test_a_run_that_ends_while_somebody_looks_stays_as_it_ended(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at = holds.is_let_go
    with active_run() as process, dg.DagsterInstance.get() as instance:

        def ends_first(dagster_home: Path, run_id: str) -> bool | None:
            """The run succeeds and its process ends just before its file is looked at."""
            if process.poll() is None:
                process.communicate(b"")
            return looked_at(dagster_home, run_id)

        monkeypatch.setattr(holds, "is_let_go", ends_first)
        assert active_runs.fail_killed_runs(instance, settings.dagster_home) == 0
    assert statuses() == [dg.DagsterRunStatus.SUCCESS]


def test_a_file_is_held_as_soon_as_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    lock = fcntl.flock

    def seen_before(stream: IO[bytes], how: int) -> None:
        seen.append(holds.run_ids(tmp_path))
        lock(stream, how)

    monkeypatch.setattr(fcntl, "flock", seen_before)
    with holds.holding(tmp_path, "a"):
        assert seen == [[]]
        assert holds.is_let_go(tmp_path, "a") is False
    assert holds.is_let_go(tmp_path, "a") is True
    holds.hold_for_life(tmp_path, "b")
    holds.hold_for_life(tmp_path, "b")
    assert holds.is_let_go(tmp_path, "b") is False
    assert holds.is_let_go(tmp_path, "c") is None


def test_a_database_keeps_the_runs_of_one_home(postgres: str, tmp_path: Path) -> None:
    address = own_database(postgres)
    one, other = (
        Settings.from_environ(
            {"TIEMCHUNG_HOME": str(tmp_path / name), "TIEMCHUNG_DAGSTER_POSTGRES_URL": address}
        )
        for name in ("one", "other")
    )
    launch.prepare(one)
    launch.prepare(one)
    with pytest.raises(UsageError, match="another home"):
        launch.prepare(other)


@pytest.mark.parametrize(
    "url",
    [
        "mysql://u:hidden@h/x", "hidden", "postgresql://", "postgresql+psycopg://h/x", "://hidden/x",
        "postgresql://u:hid@den@h/x", "postgresql://u:hidden@h:port/x", "postgresql://u:hidden@h", "postgres://h/x",
    ],
)  # fmt: skip
def test_an_address_of_another_database_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="postgresql://") as refused:
        Settings.from_environ({"TIEMCHUNG_DAGSTER_POSTGRES_URL": url})
    assert "hidden" not in str(refused.value)


def test_a_database_that_is_down_is_told_without_its_password(tmp_path: Path) -> None:
    environ = {
        "TIEMCHUNG_HOME": str(tmp_path),
        "TIEMCHUNG_DAGSTER_POSTGRES_URL": "postgresql://u:hidden@127.0.0.1:1/x",
    }
    down = Settings.from_environ(environ)
    assert "hidden" not in repr(down)
    with pytest.raises(UsageError, match="cannot be used") as refused:
        launch.prepare(down)
    assert "hidden" not in str(refused.value)


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


@pytest.mark.parametrize("is_web_server", [False, True])
def test_connections_to_postgresql_are_kept_asked_whether_they_live_and_closed(
    postgres: str, tmp_path: Path, *, is_web_server: bool
) -> None:
    address = own_database(postgres)
    environ = {"TIEMCHUNG_HOME": str(tmp_path / "home"), "TIEMCHUNG_DAGSTER_POSTGRES_URL": address}
    launch.prepare(Settings.from_environ(environ))
    others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    opened = f"select pid {others} order by pid"
    with dg.DagsterInstance.get() as instance:
        if is_web_server:
            instance.optimize_for_webserver(statement_timeout=5000, pool_recycle=3600, max_overflow=20)
        assert (instance.get_runs_count(), instance.all_asset_keys()) == (0, [])
        first = rows_of(address, opened)
        assert (instance.get_runs_count(), instance.all_asset_keys()) == (0, [])
        assert len(first) == 2
        assert rows_of(address, opened) == first
        assert rows_of(address, f"select pg_terminate_backend(pid, 5000) {others}") == [(True,), (True,)]
        assert (instance.get_runs_count(), instance.all_asset_keys()) == (0, [])
        assert len(rows_of(address, opened)) == 2
    assert rows_of(address, opened) == []


def statuses() -> list[dg.DagsterRunStatus]:
    with dg.DagsterInstance.get() as instance:
        return [run.status for run in instance.get_runs()]


def test_a_whole_run_is_kept_in_postgresql(postgres: str, tmp_path: Path) -> None:
    """Dagster's runs and the ledger, each in a database of its own."""
    runs, ledger, home = own_database(postgres), own_database(postgres), tmp_path / "home"
    environ = {"TIEMCHUNG_DAGSTER_POSTGRES_URL": runs, "TIEMCHUNG_LEDGER_URL": ledger}
    done = tiemchung("run", "--home", home, "--scale", SCALE, **environ)
    assert done.returncode == 0, done.stderr
    assert rows_of(runs, "select status from runs") == [("SUCCESS",)]
    assert rows_of(ledger, "select distinct state from batches") == [("answered",)]
    assert not [*home.glob("*.sqlite"), *(home / "dagster").rglob("*.db")]
    planned = tiemchung("register", "plan", "--home", home, "--json", **environ)
    assert json.loads(planned.stdout)["to_ask"] == 0


def rows_of(database: str, query: str) -> list[tuple[object, ...]]:
    """What a database says."""
    with psycopg.connect(database) as connection:
        return connection.execute(query.encode()).fetchall()
