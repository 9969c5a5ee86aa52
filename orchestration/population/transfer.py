"""Sending what is open: which batch goes when, again or not at all, until all are answered or patience ends.

Belongs here: the queue. What happens to one batch is :mod:`passage`, how long we keep trying :mod:`persistence`.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from orchestration.population.answers import Settled
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
from orchestration.population.files import Rooms
from orchestration.population.ledger import OPEN, Batch, BatchState, Ledger
from orchestration.population.pace import Pace
from orchestration.population.passage import Passage, Steps
from orchestration.population.persistence import Persistence
from orchestration.population.reception import OnWait, Reception

Clock = Callable[[], datetime]
OnProgress = Callable[[int, int], None]
"""Called with rows done and rows to do, after each batch."""

IN_FLIGHT = 2
"""One batch is with the register while the answer to another is verified here; more helped nothing on two cores."""


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
    on_wait: OnWait | None = None,
    chance: Callable[[], float] = random.random,
) -> TransferSummary:
    """Send all open batches and keep their answers; where none is open, the register isn't even greeted.

    ``in_flight`` batches are with the register at once, while an answer that came is verified here; the ledger moves
    in this thread alone. Raises :class:`RegisterUnavailable` where the client's patience ended,
    :class:`RegisterRefused` or :class:`OutsideHours`, each once what is in flight has ended (the rest stays open), and
    :class:`ExchangeIncomplete` at the end where single batches were refused or not answered as they should.
    """
    todo = ledger.batches(*OPEN)
    if not todo:
        return TransferSummary(0, 0, 0, 0)
    persistence = Persistence(client.patience, len(todo), monotonic=client.monotonic, chance=chance)
    reception = Reception(client, ledger, clock, pace or Pace(), persistence, on_wait or _unheard)
    queue = _Queue(Steps(ledger, client, Rooms(folder), clock), reception, in_flight)
    settled: list[Settled] = []
    faults: list[RegisterError] = []
    total, done = sum(batch.row_count for batch in todo), 0
    with closing(queue.outcomes(todo)) as outcomes:
        for batch, outcome in outcomes:
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


@dataclass
class _Turn:
    """A batch that waits to be sent, or is under way, and how often it was sent in this exchange."""

    batch: Batch
    sendings: int = 0


@dataclass
class _Queue:
    """What waits and what flies."""

    steps: Steps
    reception: Reception
    in_flight: int
    waiting: deque[_Turn] = field(default_factory=deque)
    flying: dict[Future[None], tuple[_Turn, Passage]] = field(default_factory=dict)
    ending: RegisterError | None = None

    def outcomes(self, todo: Sequence[Batch]) -> Generator[tuple[Batch, Settled | RegisterError]]:
        """Take each batch to answered, or to the fault that concerns it alone; raises what ended the exchange."""
        self.waiting.extend(_Turn(batch) for batch in todo)
        if any(batch.state is not BatchState.ACKNOWLEDGED for batch in todo):
            self.reception.greet()
        with ThreadPoolExecutor(self.in_flight, thread_name_prefix="register") as lines:
            while self.flying or (self.waiting and self.ending is None):
                yield from self._sent(lines)
                if self.flying:
                    came, _ = wait(self.flying, return_when=FIRST_COMPLETED)
                    for future in came:
                        yield from self._concluded(future)
        if self.ending is not None:
            raise self.ending

    def _sent(self, lines: ThreadPoolExecutor) -> Iterator[tuple[Batch, RegisterError]]:
        """Send what may go now; a pause begins once all that flies has come down."""
        while (
            self.waiting and self.ending is None and len(self.flying) < self.reception.lanes(self.in_flight)
        ):
            if self.reception.is_pausing and self.flying:
                return
            try:
                self.reception.pass_pause()
                turn = self.waiting.popleft()
                passage = self.steps.begin(turn.batch, self.reception.limits, self.reception.turnstile)
            except BatchRefused as refused:
                yield turn.batch, refused
                continue
            except (OutsideHours, RegisterRefused, RegisterUnavailable) as error:
                self.ending = error
                return
            turn.sendings += 1
            self.flying[lines.submit(self.steps.fetch, passage)] = (turn, passage)

    def _concluded(self, future: Future[None]) -> Iterator[tuple[Batch, Settled | RegisterError]]:
        turn, passage = self.flying.pop(future)
        try:
            outcome: Settled | RegisterError = self.steps.conclude(passage, future)
        except RegisterRefused as error:
            self.ending = self.ending or error
        except (AnswerFaulty, RegisterUnavailable) as error:
            if not self._goes_again(turn, error):
                yield turn.batch, error
        except BatchRefused as refused:
            self.reception.heard()
            yield turn.batch, refused
        else:
            self.reception.heard()
            yield turn.batch, outcome

    def _goes_again(self, turn: _Turn, error: AnswerFaulty | RegisterUnavailable) -> bool:
        """Put a batch that came to nothing at the end of the queue, while it has sendings left."""
        sendings = self.steps.client.patience.sendings
        if isinstance(error, RegisterUnavailable):
            try:
                self.reception.missed(error)
            except RegisterUnavailable as end:
                self.ending = self.ending or end
            if turn.sendings >= sendings and self.reception.persistence.failures >= sendings:
                self.ending = (
                    self.ending or error
                )  # it is not this batch: no other was answered meanwhile either
        if self.ending is not None:
            return True
        if turn.sendings >= sendings or not self.reception.may_repeat():
            return False
        self.waiting.append(replace(turn, batch=self.steps.ledger.batch(turn.batch.batch_id)))
        return True


def _unheard(seconds: float, code: str) -> None:
    """Where nobody wants to hear of pauses."""
