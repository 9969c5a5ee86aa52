"""Sending what is open and keeping what is answered: the order of steps that a kill at any moment cannot hurt.

Belongs here: which ledger move follows which file. HTTP is :mod:`client`, belief in an answer :mod:`answers`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestration.population.answers import Settled, settle
from orchestration.population.client import RegisterClient
from orchestration.population.errors import (
    AnswerFaulty,
    BatchRefused,
    ExchangeIncomplete,
    RegisterError,
    RegisterRefused,
    RegisterUnavailable,
)
from orchestration.population.files import Rooms, require, sha256
from orchestration.population.ledger import OPEN, Batch, BatchState, Ledger, Limits

Clock = Callable[[], datetime]
OnProgress = Callable[[int, int], None]
"""Called with rows done and rows to do, after each batch."""


@dataclass(frozen=True)
class TransferSummary:
    """Batches answered and their rows; of the rows, those with a verdict and those with an error code."""

    batches: int
    rows: int
    answered: int
    failed: int


def send_open(
    ledger: Ledger,
    client: RegisterClient,
    folder: Path,
    *,
    clock: Clock,
    on_progress: OnProgress | None = None,
) -> TransferSummary:
    """Send all open batches and keep their answers; where none is open, the register isn't even greeted.

    Raises :class:`RegisterUnavailable` or :class:`RegisterRefused` at once (the rest stays open), and
    :class:`ExchangeIncomplete` at the end where single batches were refused or answered with faults.
    """
    todo = ledger.batches(*OPEN)
    if not todo:
        return TransferSummary(0, 0, 0, 0)
    exchange = _Exchange(ledger, client, Rooms(folder), clock)
    settled: list[Settled] = []
    faults: list[RegisterError] = []
    limits = _announced(ledger, client, clock) if _needs_register(todo) else None
    total, done = sum(batch.row_count for batch in todo), 0
    for batch in todo:
        try:
            settled.append(exchange.carry_through(batch, limits))
        except (AnswerFaulty, BatchRefused) as fault:
            faults.append(fault)
        done += batch.row_count
        if on_progress is not None:
            on_progress(done, total)
    if faults:
        raise ExchangeIncomplete(faults, len(todo))
    rows, failed = sum(part.rows for part in settled), sum(part.failed for part in settled)
    return TransferSummary(len(settled), rows, rows - failed, failed)


@dataclass(frozen=True)
class _Exchange:
    """The four things every step needs."""

    ledger: Ledger
    client: RegisterClient
    rooms: Rooms
    clock: Clock

    def carry_through(self, batch: Batch, limits: Limits | None) -> Settled:
        """Take one open batch from wherever it stands to answered."""
        require([self.rooms.body(batch.batch_id), self.rooms.index(batch.batch_id)])
        acknowledged_at = self._believed(batch)
        if acknowledged_at is None:
            self._refuse_beyond(batch, limits)
            acknowledged_at = self._acknowledged(batch)
        try:
            settled = settle(self.rooms, batch, acknowledged_at)
        except AnswerFaulty:
            self._put_aside(batch)
            raise
        self.ledger.answer(batch.batch_id, self.clock())
        return settled

    def _believed(self, batch: Batch) -> datetime | None:
        """When the answer was acknowledged, if it still lies there as it came; otherwise it is asked for again."""
        if batch.state is not BatchState.ACKNOWLEDGED:
            return None
        answer = self.rooms.answer(batch.batch_id)
        if answer.exists() and sha256(answer) == batch.answer_sha256:
            return batch.acknowledged_at
        self.ledger.reopen(batch.batch_id, "ANSWER_LOST")
        answer.unlink(missing_ok=True)
        return None

    def _acknowledged(self, batch: Batch) -> datetime:
        """Have the answer durably on disk, from the last attempt or a new one; when that was written down."""
        answer = self.rooms.answer(batch.batch_id)
        if batch.state is BatchState.PREPARED or not answer.exists():
            self._attempt(batch, answer)
        at = self.clock()
        self.ledger.acknowledge(batch.batch_id, sha256(answer), at)
        return at

    def _attempt(self, batch: Batch, answer: Path) -> None:
        batch_id = batch.batch_id
        request_id = self.ledger.begin(batch_id, self.client.caller, self.clock())
        try:
            self.client.verify(batch_id, self.rooms.body(batch_id), request_id, answer)
        except BatchRefused as refused:
            self.ledger.fail(batch_id, refused.code)
            self.ledger.end(request_id, refused.code, self.clock())
            raise
        except (AnswerFaulty, RegisterUnavailable, RegisterRefused) as error:
            self.ledger.end(request_id, type(error).__name__, self.clock())
            raise
        self.ledger.end(request_id, "received", self.clock())

    def _put_aside(self, batch: Batch) -> None:
        """Open the batch again and keep the faulty answer as evidence (killed between: it is judged once more)."""
        self.ledger.reopen(batch.batch_id, "ANSWER_FAULTY")
        ordinal = self.ledger.attempt_count(batch.batch_id)
        self.rooms.answer(batch.batch_id).replace(self.rooms.faulty(f"{batch.batch_id}-{ordinal}"))

    def _refuse_beyond(self, batch: Batch, limits: Limits | None) -> None:
        """A batch cut before the register announced less is not sent; its rows are cut anew by the next run."""
        if limits and (batch.row_count > limits.rows or batch.byte_count > limits.bytes):
            self.ledger.fail(batch.batch_id, "BEYOND_LIMITS")
            raise BatchRefused(batch.batch_id, "BEYOND_LIMITS", "the next run cuts smaller batches.")


def _needs_register(todo: tuple[Batch, ...]) -> bool:
    return any(batch.state is not BatchState.ACKNOWLEDGED for batch in todo)


def _announced(ledger: Ledger, client: RegisterClient, clock: Clock) -> Limits:
    limits = client.limits()
    ledger.note_limits(limits, clock())
    return limits
