"""A backfill of days, asked for as the UI asks and run by Dagster's daemon, ends as the days run one by one."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml

from orchestration import launch
from orchestration.journey import WORKSPACE
from orchestration.population.reading import read_ledger
from orchestration.settings import Settings
from orchestration.simulator.process import StandIn
from tests.journey.conftest import DAY, TOKEN, Home, at, follow

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]
DAYS = (DAY, "2022-04-07")
SECONDS = 480
BIN = Path(sys.executable).parent
LAUNCH = """
mutation ($asked: LaunchBackfillParams!) {
    launchPartitionBackfill(backfillParams: $asked) {
        __typename
        ... on LaunchBackfillSuccess { backfillId }
        ... on PythonError { message }
    }
}
"""
ASKED = {
    "selector": {
        "partitionSetName": "follow_increment_partition_set",
        "repositorySelector": {
            "repositoryLocationName": yaml.safe_load(WORKSPACE.read_text())["load_from"][0]["python_module"][
                "location_name"
            ],
            "repositoryName": "__repository__",
        },
    },
    "partitionNames": DAYS,
    "title": "hai ngày",
}
MOMENTS = {"prepared_at", "sent_at", "acknowledged_at", "answered_at", "judged_at", "run_id"}
"""When something was done, and by which run: no other column may differ."""


@pytest.mark.timeout(2 * SECONDS)
def test_a_backfill_of_two_days_ends_as_the_days_run_one_by_one(home: Home, tmp_path: Path) -> None:
    singly, together = tmp_path / "singly", tmp_path / "together"
    for place in (singly, together):
        shutil.copytree(home.path, place, ignore=shutil.ignore_patterns("inbox"))
    for day in DAYS:
        follow(home, singly, day)
    with StandIn(home.country / "register.parquet", token=TOKEN) as register:
        runs = backfilled(at(together, home.path / "inbox", register), tmp_path / "told.json")
    assert [run.dagster_run.status for run in runs] == [dg.DagsterRunStatus.SUCCESS] * len(DAYS)
    assert [run.dagster_run.tags["dagster/partition"] for run in runs] == list(DAYS)
    assert runs[0].end_time <= runs[1].start_time, "the second day began before the first had ended"
    assert relations(together) == relations(singly)
    assert ledger(together) == ledger(singly)
    assert reports(together) == reports(singly)


def backfilled(settings: Settings, told: Path) -> list[dg.RunRecord]:
    """Ask for the backfill, then let the daemon work until its runs have ended; they, in the order they began."""
    launch.prepare(settings)
    asked = ["-w", WORKSPACE, "-o", told, "-t", LAUNCH, "-v", json.dumps({"asked": ASKED})]
    subprocess.run([BIN / "dagster-graphql", *asked], check=True, stdout=subprocess.DEVNULL)
    said = json.loads(told.read_text("utf-8"))["data"]["launchPartitionBackfill"]
    assert said["__typename"] == "LaunchBackfillSuccess", said
    of_backfill = dg.RunsFilter(tags={"dagster/backfill": said["backfillId"]})
    ends_by = time.monotonic() + SECONDS
    with daemon(), dg.DagsterInstance.get() as instance:
        while time.monotonic() < ends_by:
            records = instance.get_run_records(of_backfill)
            if len(records) == len(DAYS) and all(each.dagster_run.is_finished for each in records):
                break
            time.sleep(0.5)
    return sorted(records, key=lambda record: record.start_time or 0.0)


@contextmanager
def daemon() -> Iterator[None]:
    with subprocess.Popen(
        [BIN / "dagster-daemon", "run", "-w", WORKSPACE], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            yield
        finally:
            process.terminate()


def relations(home: Path) -> dict[str, tuple[object, ...]]:
    """Every relation: its columns, and count and order-free digest of its rows."""
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
        known = connection.execute(
            "select schema_name, table_name, list(column_name order by column_index) from duckdb_columns()"
            " where not internal group by all order by all"
        ).fetchall()
        found = {}
        for schema, name, columns in known:
            kept = ", ".join(f'"{column}"' for column in columns if column not in MOMENTS)
            rows = connection.execute(
                f'select count(*), sum(hash(r)::hugeint)::varchar from (select {kept} from "{schema}"."{name}") r'
            ).fetchone()
            found[f"{schema}.{name}"] = (tuple(columns), rows)
    return found


def ledger(home: Path) -> list[tuple[object, ...]]:
    """Batches and attempts, without when."""
    with read_ledger(f"sqlite:///{home}/ledger.sqlite") as reading:
        batches = [
            (b.batch_id, b.state, b.row_count, b.byte_count, b.officer) for b in reading.ledger.batches()
        ]
        return [*batches, *sorted((a.request_id, a.batch_id, a.officer, a.result) for a in reading.attempts)]


def reports(home: Path) -> dict[str, bytes]:
    """Every sealed statement; the folder it lies in is named by its seal."""
    folder = home / "reports"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("*/*/report.json")}
