"""How the register receives us: greeting it, what it announces, and the pauses while it is in need.

Belongs here: what holds for the whole exchange. Single batches are :mod:`transfer`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from orchestration.population.client import Announcement, RegisterClient
from orchestration.population.errors import RegisterUnavailable
from orchestration.population.ledger import Ledger, Limits
from orchestration.population.pace import Pace, Turnstile, local_day
from orchestration.population.persistence import Persistence

OnWait = Callable[[float, str], None]
"""Called before each pause with its seconds, and the code of what came back."""


@dataclass
class Reception:
    """Greets with :meth:`greet` first; ``turnstile`` lets batches pass as we and the register want it."""

    client: RegisterClient
    ledger: Ledger
    clock: Callable[[], datetime]
    pace: Pace
    persistence: Persistence
    on_wait: OnWait
    turnstile: Turnstile = field(init=False)
    _announced: Announcement | None = None
    _pause: tuple[float, str] | None = None

    def __post_init__(self) -> None:
        self.turnstile = self._turnstile(self.pace)

    @property
    def limits(self) -> Limits | None:
        """The size of a batch, as announced in this exchange."""
        return self._announced.limits if self._announced else None

    @property
    def is_pausing(self) -> bool:
        """Whether nothing more may be sent before :meth:`pass_pause`."""
        return self._pause is not None

    def lanes(self, wanted: int) -> int:
        """Batches that may be with the register at once."""
        announced = self._announced.batches_at_once if self._announced else None
        return wanted if announced is None else min(wanted, announced)

    def heard(self) -> None:
        """The register answered."""
        self.persistence.succeeded()

    def missed(self, error: RegisterUnavailable) -> None:
        """The register did not answer: pause before anything more is sent. Raises ``error`` where patience ends."""
        seconds = self.persistence.failed(error)
        self._pause = max(self._pause or (0.0, ""), (seconds, error.code))

    def may_repeat(self) -> bool:
        """Whether one more batch may be sent again."""
        return self.persistence.may_repeat()

    def greet(self) -> None:
        """Greet until the register answers, as often as one may fail before it rests; raises the last error.

        Raises :class:`OutsideHours` before anything is sent.
        """
        self.pace.require_hours(self.clock())
        for _ in range(self.client.patience.failures_to_rest - 1):
            try:
                return self._greet()
            except RegisterUnavailable as error:
                self.missed(error)
                self._wait()
        return self._greet()

    def pass_pause(self) -> None:
        """Let a pause pass; where many failed, greet until the register answers. Raises where patience ends."""
        while self._pause is not None:
            self._wait()
            if self.persistence.rests:
                try:
                    self._greet()
                except RegisterUnavailable as error:
                    self.missed(error)

    def _greet(self) -> None:
        announced = self.client.greet()
        self.ledger.note_limits(announced.limits, self.clock())
        self.persistence.succeeded()
        self._announced = announced
        self.turnstile = self._turnstile(self.pace.and_also(announced.rates))

    def _wait(self) -> None:
        seconds, code = self._pause or (0.0, "")
        self._pause = None
        self.on_wait(seconds, code)
        self.client.sleep(seconds)

    def _turnstile(self, pace: Pace) -> Turnstile:
        return Turnstile(
            pace,
            clock=self.clock,
            monotonic=self.client.monotonic,
            sleep=self.client.sleep,
            rows_on=self._rows_on,
        )

    def _rows_on(self, day: date) -> int:
        sent = (batch for batch in self.ledger.batches() if batch.sent_at is not None)
        return sum(batch.row_count for batch in sent if batch.sent_at and local_day(batch.sent_at) == day)
