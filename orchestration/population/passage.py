"""One batch's way from wherever it stands to answered: the order of steps that a kill at any moment cannot hurt.

Belongs here: which ledger move follows which file. Which batch goes when is :mod:`transfer`, HTTP :mod:`client`,
belief in an answer :mod:`answers`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from orchestration.population.answers import Settled, settle
from orchestration.population.client import RegisterClient
from orchestration.population.errors import AnswerFaulty, BatchRefused, RegisterRefused, RegisterUnavailable
from orchestration.population.files import Rooms, require, room_to_write, sha256
from orchestration.population.ledger import Batch, BatchState, Ledger, Limits
from orchestration.population.pace import Turnstile
from orchestration.population.remedies import BATCH_REMEDIES

_ROW_BYTES = 512
"""No row of an answer takes as many bytes packed; an answer beyond that is not read to its end."""
_LEAST_BYTES = 1 << 16


@dataclass(frozen=True)
class Passage:
    """A batch on its way: either an attempt is being made, or the answer lies on disk already."""

    batch: Batch
    request_id: str | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True)
class Steps:
    """What every step needs; :meth:`fetch` alone may be called from another thread than the ledger's."""

    ledger: Ledger
    client: RegisterClient
    rooms: Rooms
    clock: Callable[[], datetime]

    def begin(self, batch: Batch, limits: Limits | None, turnstile: Turnstile) -> Passage:
        """Write down that an attempt begins, unless the answer to the last one lies there."""
        batch_id, answer = batch.batch_id, self.rooms.answer(batch.batch_id)
        require([self.rooms.body(batch_id), self.rooms.index(batch_id)])
        if batch.state is BatchState.ACKNOWLEDGED:
            if answer.exists() and sha256(answer) == batch.answer_sha256:
                return Passage(batch, acknowledged_at=batch.acknowledged_at)
            self.ledger.reopen(batch_id, "ANSWER_LOST")
            answer.unlink(missing_ok=True)
        if batch.state is BatchState.SENT and answer.exists():
            return Passage(batch)
        self._refuse_beyond(batch, limits)
        turnstile.wait(batch.row_count, is_new=batch.sent_at is None)
        return Passage(batch, self.ledger.begin(batch_id, self.client.caller, self.clock()))

    def fetch(self, passage: Passage) -> None:
        """Have the answer durably on disk."""
        if passage.request_id is not None:
            batch_id = passage.batch.batch_id
            most = max(_LEAST_BYTES, passage.batch.row_count * _ROW_BYTES)
            body, answer = self.rooms.body(batch_id), self.rooms.answer(batch_id)
            with room_to_write():
                self.client.verify(batch_id, body, passage.request_id, answer, most)

    def conclude(self, passage: Passage, fetched: Future[None]) -> Settled:
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
            with room_to_write():
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
            self.ledger.end(request_id, error.code, self.clock())
            raise
        self.ledger.end(request_id, "received", self.clock())

    def _put_aside(self, batch: Batch) -> None:
        """Open the batch again and keep the faulty answer as evidence (killed between: it is judged once more)."""
        self.ledger.reopen(batch.batch_id, "ANSWER_FAULTY")
        ordinal = self.ledger.attempt_count(batch.batch_id)
        self.rooms.answer(batch.batch_id).replace(self.rooms.faulty(f"{batch.batch_id}-{ordinal}"))

    def _refuse_beyond(self, batch: Batch, limits: Limits | None) -> None:
        """A batch cut before the register announced less is not sent; its rows are cut anew.

        One that was sent before is sent again: the register may have counted it, and says itself if it did not.
        """
        is_beyond = limits and (batch.row_count > limits.rows or batch.byte_count > limits.bytes)
        if is_beyond and batch.sent_at is None:
            self.ledger.fail(batch.batch_id, "BEYOND_LIMITS")
            raise BatchRefused(batch.batch_id, "BEYOND_LIMITS", BATCH_REMEDIES["BEYOND_LIMITS"].en)
