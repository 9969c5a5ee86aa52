"""Dagster's event log with its files kept open: the same log as Dagster's own, whoever writes, reads or is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration.instance import event_log
from orchestration.instance.event_log import EventLog

EMBEDDED = Path(event_log.__file__).with_name("embedded.yaml")
WRITE = """
import sys
import dagster as dg
with dg.DagsterInstance.get() as instance:
    for number in range(20):
        instance.report_runless_asset_event(dg.AssetMaterialization(["raw", str(number)]))
    print("written", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text(EMBEDDED.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.get() as opened:
        yield opened


def note(instance: dg.DagsterInstance, name: str) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(["raw", name], metadata={"rows": 3}))


def test_an_embedded_instance_keeps_its_log_with_it(instance: dg.DagsterInstance) -> None:
    assert isinstance(instance.event_log_storage, EventLog)


def test_dagsters_own_storage_reads_what_it_wrote_and_the_other_way_round(
    home: Path, instance: dg.DagsterInstance
) -> None:
    note(instance, "subjects")
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}", encoding="utf-8")
    with dg.DagsterInstance.get() as plain:
        assert type(plain.event_log_storage) is SqliteEventLogStorage
        assert plain.get_latest_materialization_event(dg.AssetKey(["raw", "subjects"]))
        note(plain, "doses")
    assert {key.path[-1] for key in instance.all_asset_keys()} == {"subjects", "doses"}


def test_a_killed_process_loses_no_event(home: Path) -> None:
    command = [sys.executable, "-c", WRITE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        assert writer.stdout.readline() == "written\n"
        os.kill(writer.pid, signal.SIGKILL)
    with dg.DagsterInstance.get() as instance:
        assert len(instance.all_asset_keys()) == 20


def test_threads_and_many_runs_share_a_bounded_number_of_files(instance: dg.DagsterInstance) -> None:
    def write(number: int) -> None:
        run = dg.DagsterRun(job_name="job", run_id=run_id(number))
        instance.report_engine_event(f"event {number}", run)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(40)))
    for number in range(40):
        (record,) = instance.get_records_for_run(run_id(number)).records
        assert record.event_log_entry.message.endswith(f"event {number}")
    assert isinstance(instance.event_log_storage, EventLog)
    assert len(instance.event_log_storage._engines) <= event_log._SHARDS_KEPT


def run_id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def test_events_after_another_process_wiped_the_log_are_not_lost(instance: dg.DagsterInstance) -> None:
    run = dg.DagsterRun(job_name="job", run_id=run_id(1))
    instance.report_engine_event("before", run)
    with dg.DagsterInstance.get() as other:
        other.event_log_storage.wipe()
    instance.report_engine_event("after", run)
    with dg.DagsterInstance.get() as other:
        told = [each.event_log_entry.message for each in other.get_records_for_run(run.run_id).records]
    assert [message.split()[-1] for message in told] == ["after"]


def test_a_wiped_log_is_empty_and_takes_new_events(instance: dg.DagsterInstance) -> None:
    note(instance, "subjects")
    instance.event_log_storage.wipe()
    assert not instance.all_asset_keys()
    note(instance, "doses")
    assert [key.path[-1] for key in instance.all_asset_keys()] == ["doses"]
