"""Random lives of a ledger beside a plain model of it: the same rules on SQLite and on PostgreSQL."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from orchestration.population import tables
from orchestration.population.caller import Caller
from orchestration.population.errors import LedgerConflict
from orchestration.population.ledger import Batch, BatchState, Ledger, Limits
from orchestration.population.reading import read_ledger

P, S, K, A, F = (
    BatchState.PREPARED,
    BatchState.SENT,
    BatchState.ACKNOWLEDGED,
    BatchState.ANSWERED,
    BatchState.FAILED,
)
ORIGINS = {
    "prepare": (None, F),
    "begin": (P, S),
    "acknowledge": (S,),
    "answer": (K,),
    "reopen": (K,),
    "fail": (P, S),
}
"""The moves as the ledger's docstring has them; None is a batch that nobody prepared."""
KEYS = st.sampled_from("abc").map(lambda letter: letter * 64)
MOMENTS = st.integers(0, 10**9).map(
    lambda second: datetime(2021, 1, 1, tzinfo=timezone(timedelta(hours=7))) + timedelta(seconds=second)
)
"""In any order: clocks are put back."""
CODES = st.sampled_from(["TOO_LARGE", "ANSWER_FAULTY", "BEYOND_LIMITS"])
WHO = st.sampled_from([Caller("BYT", "C", "CB01", "thu"), Caller("BYT", "D", "CB02", "that")])


class Machine(RuleBasedStateMachine):
    """One ledger, opened twice: two runs at once see and move the same batches."""

    url: ClassVar[str | None] = None

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.address = self.url or f"sqlite:///{self.folder.name}/ledger.sqlite"
        self.batches: dict[str, Batch] = {}
        self.attempts: dict[str, tuple[str, datetime, datetime | None, str | None]] = {}
        self.limits: Limits | None = None
        self._open()

    def _open(self) -> None:
        self.opened = [Ledger.open(self.address) for _ in range(2)]
        self.ledgers = [each.__enter__() for each in self.opened]

    def _close(self) -> None:
        for each in self.opened:
            each.__exit__(None, None, None)

    def teardown(self) -> None:
        if not hasattr(self, "opened"):
            return
        tables.metadata.drop_all(self.ledgers[0]._engine)
        self._close()
        self.folder.cleanup()

    def _moves(self, move: str, key: str, **changed: object) -> bool:
        """Whether the move is one of those written down; then the model makes it too."""
        known = self.batches.get(key)
        if (known.state if known else None) not in ORIGINS[move]:
            return False
        if known is not None:
            self.batches[key] = Batch(**{**vars(known), **changed})  # type: ignore[arg-type]
        return True

    @rule(which=st.sampled_from([0, 1]), key=KEYS, rows=st.integers(1, 9), at=MOMENTS)
    def prepare(self, which: int, key: str, rows: int, at: datetime) -> None:
        batch = Batch(key, P, rows, rows * 100, "CB01", at)
        if self._moves("prepare", key, state=P, error_code=None, prepared_at=at, sent_at=None):
            self.ledgers[which].prepare(batch)
            self.batches.setdefault(key, batch)
        else:
            with pytest.raises(LedgerConflict):
                self.ledgers[which].prepare(batch)

    @rule(which=st.sampled_from([0, 1]), key=KEYS, who=WHO, at=MOMENTS)
    def begin(self, which: int, key: str, who: Caller, at: datetime) -> None:
        first = self.batches[key].sent_at if key in self.batches else None
        if self._moves("begin", key, state=S, sent_at=first or at):
            request_id = self.ledgers[which].begin(key, who, at)
            assert request_id not in self.attempts
            assert len(request_id) == 40
            self.attempts[request_id] = (key, at, None, None)
        else:
            with pytest.raises(LedgerConflict):
                self.ledgers[which].begin(key, who, at)

    @precondition(lambda self: self.attempts)
    @rule(which=st.sampled_from([0, 1]), at=MOMENTS, code=CODES, data=st.data())
    def end(self, which: int, at: datetime, code: str, data: st.DataObject) -> None:
        request_id = data.draw(st.sampled_from(sorted(self.attempts)))
        self.ledgers[which].end(request_id, code, at)
        self.attempts[request_id] = (*self.attempts[request_id][:2], at, code)

    @rule(which=st.sampled_from([0, 1]), key=KEYS, at=MOMENTS)
    def acknowledge(self, which: int, key: str, at: datetime) -> None:
        moved = {"state": K, "acknowledged_at": at, "answer_sha256": "f" * 64, "error_code": None}
        if self._moves("acknowledge", key, **moved):
            self.ledgers[which].acknowledge(key, "f" * 64, at)
        else:
            with pytest.raises(LedgerConflict):
                self.ledgers[which].acknowledge(key, "f" * 64, at)

    @rule(which=st.sampled_from([0, 1]), key=KEYS, at=MOMENTS)
    def answer(self, which: int, key: str, at: datetime) -> None:
        if self._moves("answer", key, state=A, answered_at=at):
            self.ledgers[which].answer(key, at)
        else:
            with pytest.raises(LedgerConflict):
                self.ledgers[which].answer(key, at)

    @rule(which=st.sampled_from([0, 1]), key=KEYS, code=CODES)
    def reopen(self, which: int, key: str, code: str) -> None:
        moved = {"state": S, "acknowledged_at": None, "answer_sha256": None, "error_code": code}
        if self._moves("reopen", key, **moved):
            self.ledgers[which].reopen(key, code)
        else:
            with pytest.raises(LedgerConflict):
                self.ledgers[which].reopen(key, code)

    @rule(which=st.sampled_from([0, 1]), key=KEYS, code=CODES)
    def fail(self, which: int, key: str, code: str) -> None:
        if self._moves("fail", key, state=F, error_code=code):
            self.ledgers[which].fail(key, code)
        else:
            with pytest.raises(LedgerConflict):
                self.ledgers[which].fail(key, code)

    @rule(which=st.sampled_from([0, 1]), rows=st.integers(1, 3), at=MOMENTS)
    def announce(self, which: int, rows: int, at: datetime) -> None:
        self.limits = Limits(rows, 100)
        self.ledgers[which].note_limits(self.limits, at)

    @rule()
    def restart(self) -> None:
        self._close()
        self._open()

    @invariant()
    def both_are_the_model(self) -> None:
        if not hasattr(self, "ledgers"):
            return
        expected = sorted(self.batches.values(), key=lambda batch: (batch.prepared_at, batch.batch_id))
        for ledger in self.ledgers:
            assert list(ledger.batches()) == expected
            assert ledger.last_limits() == self.limits
        for batch in expected:
            assert batch == self.ledgers[0].batch(batch.batch_id)
            tried = [key for key, *_ in self.attempts.values()].count(batch.batch_id)
            assert self.ledgers[1].attempt_count(batch.batch_id) == tried

    @rule()
    def attempts_are_the_model(self) -> None:
        with read_ledger(self.address) as reading:
            kept = [(a.batch_id, a.started_at, a.ended_at, a.result) for a in reading.attempts]
        assert Counter(kept) == Counter(self.attempts.values())
        assert all(began.tzinfo is UTC for _, began, *_ in kept)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_ledger_lives_as_it_is_written_down(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue("postgres") if kind == "postgres" else None
    machine = type("Machine", (Machine,), {"url": url})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=25, stateful_step_count=20, deadline=None)
    )
