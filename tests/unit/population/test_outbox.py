"""What is asked, how it is cut, and what an interruption leaves."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.population import drafts
from orchestration.population.caller import Caller
from orchestration.population.drafts import Draft
from orchestration.population.errors import CallerInvalid, LedgerError
from orchestration.population.ledger import BatchState, Ledger, Limits
from orchestration.population.outbox import Outbox, prepare
from orchestration.population.publish import publish

Prepare = Callable[..., Outbox]


@pytest.fixture
def fill(
    warehouse: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    folder: Path,
    asked_as: Caller,
    clock: Callable[[], datetime],
) -> Prepare:
    def _prepare(batch_rows: int = 3) -> Outbox:
        return prepare(warehouse, ledger, folder, asked_as=asked_as, batch_rows=batch_rows, clock=clock)

    return _prepare


def bodies(ledger: Ledger, folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {
        batch.batch_id: [
            json.loads(line)
            for line in gzip.decompress(
                (folder / "batches" / f"{batch.batch_id}.ndjson.gz").read_bytes()
            ).splitlines()
        ]
        for batch in ledger.batches()
    }


def test_batches_are_sorted_by_number_and_named_by_their_content(
    fill: Prepare, ledger: Ledger, folder: Path
) -> None:
    assert fill() == Outbox(batches=2, rows=4)
    asked = bodies(ledger, folder)
    assert [[row["row_ref"] for row in rows] for rows in asked.values()] == [["2", "1", "3"], ["4"]]
    for batch_id in asked:
        content = gzip.decompress((folder / "batches" / f"{batch_id}.ndjson.gz").read_bytes())
        assert batch_id == hashlib.sha256(content).hexdigest()
    assert {batch.byte_count > 0 for batch in ledger.batches()} == {True}


def test_many_rows_are_cut_evenly_and_the_index_is_in_the_order_of_the_lines(
    fill: Prepare, ledger: Ledger, folder: Path, warehouse: duckdb.DuckDBPyConnection
) -> None:
    warehouse.execute("set preserve_insertion_order = false")
    warehouse.execute(
        """
        insert into verification.int_requests
        select 10 + i, lpad(cast(i * 7919 % 9001 as varchar), 12, '0'), null, 'Lê "Ba" \\ Chín', null, '1', null,
            '01', md5('d' || i)
        from range(9001) t (i) order by hash(i)
        """
    )
    assert fill(batch_rows=4000) == Outbox(batches=3, rows=9005)
    asked = bodies(ledger, folder)
    assert [len(rows) for rows in asked.values()] == [4000, 4000, 1005]
    numbers = [row["SoDinhDanh"] for rows in asked.values() for row in rows if "SoDinhDanh" in row]
    assert numbers == sorted(numbers)
    for batch_id, rows in asked.items():
        index = duckdb.read_parquet(str(folder / "batches" / f"{batch_id}.index.parquet"))
        assert [str(subject) for subject, *_ in index.fetchall()] == [row["row_ref"] for row in rows]
        assert index.columns == [
            "subject_id", "content_digest", "asking", "batch_id", "number_kind", "province_code"
        ]  # fmt: skip
    assert fill() == Outbox(batches=0, rows=0)


def test_the_province_stands_in_the_index_and_is_asked_only_where_no_number_is(
    fill: Prepare, ledger: Ledger, folder: Path
) -> None:
    fill(batch_rows=10)
    ((batch_id, rows),) = bodies(ledger, folder).items()
    index = duckdb.read_parquet(str(folder / "batches" / f"{batch_id}.index.parquet"))
    assert sorted(index.select("subject_id, province_code").fetchall()) == [
        (1, "79"), (2, "01"), (3, "01"), (4, "79")
    ]  # fmt: skip
    assert {row["row_ref"]: row["MaTinh"] for row in rows if "MaTinh" in row} == {"4": "79"}


def test_nothing_is_prepared_twice_while_it_is_open(fill: Prepare) -> None:
    fill()
    assert fill() == Outbox(batches=0, rows=0)


def test_rows_of_a_refused_batch_are_free_again_and_the_same_cut_is_the_same_batch(
    fill: Prepare, ledger: Ledger
) -> None:
    fill()
    first, second = ledger.batches()
    ledger.fail(first.batch_id, "TOO_LARGE")
    assert fill() == Outbox(batches=1, rows=3)
    assert {batch.batch_id for batch in ledger.batches(BatchState.PREPARED)} == {
        first.batch_id,
        second.batch_id,
    }


def test_the_registers_last_limits_bound_a_batch(
    fill: Prepare, ledger: Ledger, clock: Callable[[], datetime]
) -> None:
    ledger.note_limits(Limits(rows=2, bytes=10_000), clock())
    assert fill().batches == 2
    ledger.note_limits(Limits(rows=100, bytes=512), clock())
    for batch in ledger.batches():
        ledger.fail(batch.batch_id, "TOO_LARGE")
    assert fill().batches == 4


class Killed(BaseException):
    """Stands for a kill at this point."""


@pytest.mark.parametrize("step", ["add", "make_durable", "ledger"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_kill_while_preparing_leaves_what_the_next_run_completes(
    fill: Prepare, ledger: Ledger, folder: Path, monkeypatch: pytest.MonkeyPatch, step: str, at: int
) -> None:
    calls = iter(range(1, 100))
    owner, name = {
        "add": (Draft, "add"),
        "make_durable": (drafts, "make_durable"),
        "ledger": (ledger, "prepare"),
    }[step]
    real = getattr(owner, name)

    def kill(*args: Any) -> Any:
        if next(calls) == at:
            raise Killed
        return real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(owner, name, kill)
        with contextlib.suppress(Killed):
            fill(batch_rows=2)
    fill(batch_rows=2)
    rows = [row["row_ref"] for body in bodies(ledger, folder).values() for row in body]
    assert sorted(rows) == ["1", "2", "3", "4"]
    assert len(list((folder / "batches").iterdir())) == 2 * len(ledger.batches()) == 4


def test_a_missing_file_of_the_ledger_stops_everything(fill: Prepare, ledger: Ledger, folder: Path) -> None:
    fill()
    (folder / "batches" / f"{ledger.batches()[0].batch_id}.index.parquet").unlink()
    with pytest.raises(LedgerError, match="restore"):
        fill()


def test_the_published_relations_exist_before_anything_was_sent(
    warehouse: duckdb.DuckDBPyConnection, ledger: Ledger, folder: Path
) -> None:
    publish(warehouse, ledger, folder)
    described = {
        name: [
            (column, kind)
            for column, kind, *_ in warehouse.execute(f"describe verification.{name}").fetchall()
        ]
        for name in ("batches", "transfers", "answers")
    }
    publish(warehouse, ledger, folder)
    assert [name for name, _ in described["transfers"]] == [
        "subject_id",
        "batch_id",
        "content_digest",
        "asking",
        "batch_state",
    ]
    assert dict(described["answers"])["answered_at"] == "TIMESTAMP WITH TIME ZONE"
    assert dict(described["batches"])["row_count"] == "BIGINT"
    for name in described:
        assert warehouse.execute(f"select count(*) from verification.{name}").fetchall() == [(0,)]


@pytest.mark.parametrize("officer", ["", "Nguyễn Văn A", "a\r\nX-Other: 1", "x" * 65])
def test_a_caller_that_cannot_stand_in_a_header_is_refused(officer: str) -> None:
    with pytest.raises(CallerInvalid, match="officer"):
        Caller("BYT", "CNTT", officer, "thu")
