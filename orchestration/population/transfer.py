"""Sending what is open and keeping what is answered: the order of steps that a kill at any moment cannot hurt.

Belongs here: which ledger move follows which file. HTTP is :mod:`client`, belief in an answer :mod:`answers`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from orchestration.population.answers import Settled, settle
from orchestration.population.client import RegisterClient
from orchestration.population.errors import (
    AnswerFaulty,
    BatchRefused,
    ExchangeIncomplete,
    OutsideHours,
    RegisterError,
    RegisterRefused,
    RegisterUnavailable,
)
from orchestration.population.files import Rooms, require, sha256
from orchestration.population.ledger import OPEN, Batch, BatchState, Ledger, Limits
from orchestration.population.pace import Pace, Turnstile
from orchestration.population.remedies import BATCH_REMEDIES

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
    in_flight: int = 1,
    pace: Pace | None = None,
    on_progress: OnProgress | None = None,
) -> TransferSummary:
    """Send all open batches and keep their answers; where none is open, the register isn't even greeted.

    ``in_flight`` batches are with the register at once, while an answer that came is verified here; the ledger moves in
    this thread alone. Raises :class:`RegisterUnavailable`, :class:`RegisterRefused` or :class:`OutsideHours` once what
    is in flight has ended (the rest stays open), and :class:`ExchangeIncomplete` at the end where single batches were
    refused or answered with faults.
    """
    todo = ledger.batches(*OPEN)
    if not todo:
        return TransferSummary(0, 0, 0, 0)
    bounds = pace or Pace()
    turnstile = Turnstile(bounds, clock=clock, monotonic=time.monotonic, sleep=time.sleep)
    exchange = _Exchange(ledger, client, Rooms(folder), clock, turnstile)
    settled: list[Settled] = []
    faults: list[RegisterError] = []
    limits = None
    if _needs_register(todo):
        bounds.require_hours(clock())
        limits = _announced(ledger, client, clock)
    total, done = sum(batch.row_count for batch in todo), 0
    for batch, outcome in exchange.outcomes(todo, limits, in_flight):
        if isinstance(outcome, Settled):
            settled.append(outcome)
        else:
            faults.append(outcome)
        done += batch.row_count
        if on_progress is not None:
            on_progress(done, total)
    if faults:
        raise ExchangeIncomplete(faults, len(todo))
    rows, failed = sum(part.rows for part in settled), sum(part.failed for part in settled)
    return TransferSummary(len(settled), rows, rows - failed, failed)


@dataclass(frozen=True)
class _Passage:
    """A batch on its way: either an attempt is being made, or the answer lies on disk already."""

    batch: Batch
    request_id: str | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True)
class _Exchange:
    """What every step needs."""

    ledger: Ledger
    client: RegisterClient
    rooms: Rooms
    clock: Clock
    turnstile: Turnstile

    def outcomes(
        self, todo: Sequence[Batch], limits: Limits | None, in_flight: int
    ) -> Iterator[tuple[Batch, Settled | RegisterError]]:
        """Take each batch from wherever it stands to answered, or to the fault that concerns it alone."""
        waiting, flying = deque(todo), dict[Future[None], _Passage]()
        ending: RegisterError | None = None
        with ThreadPoolExecutor(in_flight, thread_name_prefix="register") as lines:
            while flying or (waiting and ending is None):
                while waiting and ending is None and len(flying) < in_flight:
                    batch = waiting.popleft()
                    try:
                        passage = self._begun(batch, limits)
                    except BatchRefused as refused:
                        yield batch, refused
                        continue
                    except OutsideHours as error:
                        ending = error
                        break
                    flying[lines.submit(self._fetch, passage)] = passage
                if not flying:
                    continue
                came, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in came:
                    passage = flying.pop(future)
                    try:
                        yield passage.batch, self._concluded(passage, future)
                    except (AnswerFaulty, BatchRefused) as fault:
                        yield passage.batch, fault
                    except (RegisterUnavailable, RegisterRefused) as error:
                        ending = ending or error
        if ending is not None:
            raise ending

    def _begun(self, batch: Batch, limits: Limits | None) -> _Passage:
        """Write down that an attempt begins, unless the answer to the last one lies there."""
        batch_id, answer = batch.batch_id, self.rooms.answer(batch.batch_id)
        require([self.rooms.body(batch_id), self.rooms.index(batch_id)])
        if batch.state is BatchState.ACKNOWLEDGED:
            if answer.exists() and sha256(answer) == batch.answer_sha256:
                return _Passage(batch, acknowledged_at=batch.acknowledged_at)
            self.ledger.reopen(batch_id, "ANSWER_LOST")
            answer.unlink(missing_ok=True)
        if batch.state is BatchState.SENT and answer.exists():
            return _Passage(batch)
        self._refuse_beyond(batch, limits)
        self.turnstile.wait(batch.row_count)
        return _Passage(batch, self.ledger.begin(batch_id, self.client.caller, self.clock()))

    def _fetch(self, passage: _Passage) -> None:
        """Have the answer durably on disk. The only step outside the ledger's thread."""
        if passage.request_id is not None:
            batch_id = passage.batch.batch_id
            body, answer = self.rooms.body(batch_id), self.rooms.answer(batch_id)
            self.client.verify(batch_id, body, passage.request_id, answer)

    def _concluded(self, passage: _Passage, fetched: Future[None]) -> Settled:
        """Write down how the attempt ended, and take its answer to answered."""
        batch = passage.batch
        if passage.request_id is not None:
            self._write_down(batch.batch_id, passage.request_id, fetched)
        acknowledged_at = passage.acknowledged_at
        if acknowledged_at is None:
            acknowledged_at = self.clock()
            digest = sha256(self.rooms.answer(batch.batch_id))
            self.ledger.acknowledge(batch.batch_id, digest, acknowledged_at)
        try:
            settled = settle(self.rooms, batch, acknowledged_at)
        except AnswerFaulty:
            self._put_aside(batch)
            raise
        self.ledger.answer(batch.batch_id, self.clock())
        return settled

    def _write_down(self, batch_id: str, request_id: str, fetched: Future[None]) -> None:
        try:
            fetched.result()
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
            raise BatchRefused(batch.batch_id, "BEYOND_LIMITS", BATCH_REMEDIES["BEYOND_LIMITS"].en)


def _needs_register(todo: tuple[Batch, ...]) -> bool:
    return any(batch.state is not BatchState.ACKNOWLEDGED for batch in todo)


def _announced(ledger: Ledger, client: RegisterClient, clock: Clock) -> Limits:
    limits = client.limits()
    ledger.note_limits(limits, clock())
    return limits
