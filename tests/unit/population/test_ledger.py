"""The ledger's state machine, on SQLite and on PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.population.caller import Caller
from orchestration.population.errors import LedgerConflict, LedgerError
from orchestration.population.ledger import Batch, BatchState, Ledger, Limits

AT = datetime(2022, 4, 6, 2, tzinfo=UTC)
OTHER_ZONE = AT.astimezone(tz=None)


@pytest.fixture(params=["sqlite", "postgres"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "sqlite":
        with Ledger.open(f"sqlite:///{tmp_path}/deep/ledger.sqlite") as opened:
            yield opened
        return
    url = request.getfixturevalue("postgres")
    with Ledger.open(url) as opened:
        yield opened
        from orchestration.population import tables

        tables.metadata.drop_all(opened._engine)


def batch(name: str = "a", rows: int = 3) -> Batch:
    return Batch(name * 64, BatchState.PREPARED, rows, 100, "CB01", AT)


MOVES: dict[str, Callable[[Ledger, str, Caller], object]] = {
    "begin": lambda ledger, key, caller: ledger.begin(key, caller, AT),
    "acknowledge": lambda ledger, key, caller: ledger.acknowledge(key, "f" * 64, AT),
    "answer": lambda ledger, key, caller: ledger.answer(key, AT),
    "reopen": lambda ledger, key, caller: ledger.reopen(key, "ANSWER_FAULTY"),
    "fail": lambda ledger, key, caller: ledger.fail(key, "TOO_LARGE"),
    "prepare": lambda ledger, key, caller: ledger.prepare(batch()),
}
WAYS = {
    BatchState.PREPARED: [],
    BatchState.SENT: ["begin"],
    BatchState.ACKNOWLEDGED: ["begin", "acknowledge"],
    BatchState.ANSWERED: ["begin", "acknowledge", "answer"],
    BatchState.FAILED: ["begin", "fail"],
}
ALLOWED = {
    (BatchState.PREPARED, "begin"): BatchState.SENT,
    (BatchState.PREPARED, "fail"): BatchState.FAILED,
    (BatchState.SENT, "begin"): BatchState.SENT,
    (BatchState.SENT, "acknowledge"): BatchState.ACKNOWLEDGED,
    (BatchState.SENT, "fail"): BatchState.FAILED,
    (BatchState.ACKNOWLEDGED, "answer"): BatchState.ANSWERED,
    (BatchState.ACKNOWLEDGED, "reopen"): BatchState.SENT,
    (BatchState.FAILED, "prepare"): BatchState.PREPARED,
}


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("state", WAYS)
def test_only_the_moves_written_down_are_possible(
    book: Ledger, asked_as: Caller, state: BatchState, move: str
) -> None:
    book.prepare(batch())
    for step in WAYS[state]:
        MOVES[step](book, "a" * 64, asked_as)
    if (state, move) in ALLOWED:
        MOVES[move](book, "a" * 64, asked_as)
    else:
        with pytest.raises(LedgerConflict):
            MOVES[move](book, "a" * 64, asked_as)
    (found,) = book.batches()
    assert found.state is ALLOWED.get((state, move), state)


def test_a_batch_nobody_prepared_cannot_move(book: Ledger, asked_as: Caller) -> None:
    with pytest.raises(LedgerConflict):
        book.begin("0" * 64, asked_as, AT)


def test_times_come_back_as_they_went_in_and_the_first_sending_stays(book: Ledger, asked_as: Caller) -> None:
    book.prepare(batch())
    book.begin("a" * 64, asked_as, OTHER_ZONE)
    book.begin("a" * 64, asked_as, AT + timedelta(days=1))
    (found,) = book.batches(BatchState.SENT)
    assert (found.prepared_at, found.sent_at) == (AT, AT)
    assert found.sent_at is not None
    assert found.sent_at.utcoffset() is not None


def test_each_attempt_has_a_request_id_of_its_own_of_forty_characters(book: Ledger, asked_as: Caller) -> None:
    book.prepare(batch())
    ids = [book.begin("a" * 64, asked_as, AT) for _ in range(3)]
    assert len(set(ids)) == 3
    assert {len(request_id) for request_id in ids} == {40}
    assert book.attempt_count("a" * 64) == 3


def test_the_last_announced_limits_are_remembered(book: Ledger) -> None:
    assert book.last_limits() is None
    book.note_limits(Limits(10, 1000), AT)
    book.note_limits(Limits(10, 1000), AT)
    book.note_limits(Limits(5, 1000), AT + timedelta(seconds=1))
    assert book.last_limits() == Limits(5, 1000)


def test_sqlite_writes_through_to_the_disk(ledger: Ledger, tmp_path: Path) -> None:
    with ledger._transaction() as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"


def test_a_ledger_that_another_program_holds_is_an_error_with_a_remedy(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.population.database._LOCK_SECONDS", 0)
    holder = sqlite3.connect(tmp_path / "ledger.sqlite")
    holder.execute("begin exclusive")
    with (
        Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as impatient,
        pytest.raises(LedgerError, match="run again"),
    ):
        impatient.prepare(batch())
    holder.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql+nothing://x/y", ""])
def test_an_address_that_is_none_says_what_one_looks_like(url: str) -> None:
    with pytest.raises(LedgerError, match="sqlite:////path"), Ledger.open(url):
        pass
