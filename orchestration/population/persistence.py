"""How long we keep trying: pauses between sendings, a budget of repeats, and rest while the register is down.

Belongs here: decisions about time, taken from what came back. What is sent is :mod:`transfer`, what a status means
:mod:`client`, when the register may be asked at all :mod:`pace`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration.population.errors import RegisterUnavailable

_MOST_DOUBLINGS = 30


@dataclass(frozen=True)
class Patience:
    """What is waited for, in seconds, and how often a batch is sent in one exchange.

    ``whole`` bounds one answer from request to last byte, answers that come later (202) included, and ``read`` the
    silence within it. The pause after the n-th failure in a row is drawn from 0 to ``pause`` doubled n - 1 times (full
    jitter), never more than ``longest_pause`` nor less than Retry-After; a longer Retry-After than ``longest_wait``
    ends the exchange. From ``failures_to_rest`` failures in a row on nothing is sent until the register answers a
    greeting, for which it is asked after ``rest``, doubled each time up to ``longest_rest``; after ``outage`` seconds
    without any answer the exchange ends. Repeats in all: ``repeats_share`` of the batches, at least ``repeats_least``.
    """

    connect: float = 5.0
    read: float = 300.0
    whole: float = 1800.0
    poll: float = 1.0
    sendings: int = 4
    pause: float = 1.0
    longest_pause: float = 60.0
    longest_wait: float = 300.0
    failures_to_rest: int = 3
    rest: float = 30.0
    longest_rest: float = 300.0
    outage: float = 900.0
    repeats_share: float = 0.2
    repeats_least: int = 10


class Persistence:
    """What one exchange has been through: failures in a row, repeats left, the last sign of life.

    ``monotonic`` is that of :mod:`time`; ``chance`` gives numbers from 0 to 1.
    """

    def __init__(
        self,
        patience: Patience,
        batches: int,
        *,
        monotonic: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self._patience, self._monotonic, self._chance = patience, monotonic, chance
        self._repeats_left = max(patience.repeats_least, int(batches * patience.repeats_share))
        self.failures = 0
        self._alive_at = monotonic()

    @property
    def rests(self) -> bool:
        """Whether only a greeting may be sent."""
        return self.failures >= self._patience.failures_to_rest

    def succeeded(self) -> None:
        """The register answered, be it with a refusal."""
        self.failures, self._alive_at = 0, self._monotonic()

    def failed(self, error: RegisterUnavailable) -> float:
        """Seconds to let pass before anything is sent; raises ``error`` where patience has an end."""
        self.failures += 1
        if (error.retry_after or 0.0) > self._patience.longest_wait:
            raise error
        if self._monotonic() - self._alive_at > self._patience.outage:
            raise error
        return max(self._jittered(), error.retry_after or 0.0)

    def may_repeat(self) -> bool:
        """Take one repeat from the budget; False when none is left: a register in need is not pressed."""
        if self._repeats_left == 0:
            return False
        self._repeats_left -= 1
        return True

    def _jittered(self) -> float:
        beyond = self.failures - self._patience.failures_to_rest
        if beyond >= 0:
            return min(self._patience.longest_rest, self._patience.rest * 2.0 ** min(beyond, _MOST_DOUBLINGS))
        doubled = self._patience.pause * 2.0 ** min(self.failures - 1, _MOST_DOUBLINGS)
        return self._chance() * min(self._patience.longest_pause, doubled)
