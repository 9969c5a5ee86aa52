"""Readers read a snapshot: beside each other, beside a writer, and the one before where a new one can't be written."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse.connection import Warehouse
from orchestration.warehouse.errors import WarehouseBusy, WarehouseError
from orchestration.warehouse.snapshot import opened_snapshot, publish_snapshot

HOLD = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reading"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    made = Warehouse(tmp_path / "warehouse.duckdb", tmp_path / "digest.key", "1GB")
    with made.connect() as connection:
        connection.execute("create schema marts; create table marts.facts as select 1 as n")
        connection.execute("create view marts.seen as select n from warehouse.marts.facts")
    return made


@contextmanager
def held(path: Path, how: str) -> Iterator[subprocess.Popen[str]]:
    """Another process has the file open while the block lasts."""
    command = [sys.executable, "-c", HOLD, str(path), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.communicate("\n")


def seen(warehouse: Warehouse, *, is_live: bool = False) -> tuple[int, str | None]:
    with opened_snapshot(warehouse, warehouse.path.parent, is_live=is_live) as snapshot:
        rows = snapshot.connection.execute("select n from marts.seen").fetchall()
        return rows[0][0], snapshot.report


def test_the_copy_is_its_owners_alone_from_its_first_byte(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing may close it afterwards: it would have lain open for as long as the copying took."""
    monkeypatch.setattr(Path, "chmod", lambda *_: None)
    publish_snapshot(warehouse, {"nodes": {}}, "2022-04-05/0123456789ab")
    assert stat.S_IMODE(warehouse.snapshot.stat().st_mode) == 0o600


def test_readers_see_what_was_published_while_a_run_writes_and_another_reads(warehouse: Warehouse) -> None:
    publish_snapshot(warehouse, {"nodes": {}}, "2022-04-05/0123456789ab")
    with warehouse.connect() as connection:
        connection.execute("update marts.facts set n = 2")
    with held(warehouse.path, "writing"), held(warehouse.snapshot, "reading"):
        assert seen(warehouse) == (1, "2022-04-05/0123456789ab")
        with pytest.raises(WarehouseBusy, match="wait until its run has ended"):
            seen(warehouse, is_live=True)
    publish_snapshot(warehouse, {"nodes": {}}, "2022-04-06/0123456789ab")
    assert seen(warehouse) == (2, "2022-04-06/0123456789ab")


def test_a_reader_cannot_write(warehouse: Warehouse) -> None:
    publish_snapshot(warehouse, {}, "2022-04-05/0123456789ab")
    with opened_snapshot(warehouse, warehouse.path) as snapshot, pytest.raises(Exception, match="read-only"):
        snapshot.connection.execute("update marts.facts set n = 3")


def test_a_copy_that_fails_leaves_the_snapshot_before_it(warehouse: Warehouse) -> None:
    publish_snapshot(warehouse, {}, "2022-04-05/0123456789ab")
    partial = warehouse.snapshot.with_name(".published.duckdb.partial")
    partial.write_bytes(b"of a run that was killed")
    publish_snapshot(warehouse, {}, "2022-04-06/0123456789ab")
    partial.mkdir()
    with pytest.raises(WarehouseError, match="make room"):
        publish_snapshot(warehouse, {}, "2022-04-07/0123456789ab")
    assert seen(warehouse)[1] == "2022-04-06/0123456789ab"


def test_a_writer_waits_for_readers_of_the_warehouse_itself(warehouse: Warehouse) -> None:
    with held(warehouse.path, "reading") as reader:
        with pytest.raises(WarehouseBusy), warehouse.connect(patience=0):
            pass
        assert reader.stdin is not None
        reader.stdin.write("\n")
        reader.stdin.flush()
        with warehouse.connect() as connection:
            assert connection.execute("select n from marts.facts").fetchall() == [(1,)]


def test_a_copy_keeps_the_lock_of_the_process_that_publishes(warehouse: Warehouse) -> None:
    with warehouse.connect():
        publish_snapshot(warehouse, {}, "2022-04-05/0123456789ab")
        taken = subprocess.run(
            [sys.executable, "-c", HOLD, str(warehouse.path), "writing"],
            input="\n", capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert taken.returncode != 0
    assert "lock" in taken.stderr


@pytest.mark.parametrize(
    "statement",
    ["drop table sealed.report", "delete from sealed.report", "update sealed.report set manifest = '{'"],
)
def test_a_broken_snapshot_is_said_so_with_what_to_do(warehouse: Warehouse, statement: str) -> None:
    publish_snapshot(warehouse, {}, "2022-04-05/0123456789ab")
    with duckdb.connect(warehouse.snapshot) as connection:
        connection.execute(statement)
    with pytest.raises(WarehouseError, match="tiemchung report build"):
        seen(warehouse)
    warehouse.snapshot.write_bytes(b"no database" * 1000)
    with pytest.raises(WarehouseError, match="tiemchung report build"):
        seen(warehouse)


@pytest.mark.parametrize("is_live", [True, False])
def test_without_the_digest_key_nothing_is_read_as_if_it_were_proven(
    warehouse: Warehouse, is_live: bool
) -> None:
    publish_snapshot(warehouse, {}, "2022-04-05/0123456789ab")
    warehouse.key.unlink()
    with pytest.raises(WarehouseError, match="restore it from your safe"):
        seen(warehouse, is_live=is_live)
