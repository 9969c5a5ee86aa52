"""The size of a batch, learnt from how the last sendings went.

Belongs here: one rule, additive growth and halving, replayed from the ledger's attempts, so that nothing has to be
remembered beside them. The limits that the register announces are :mod:`outbox`'s to keep.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BATCH_ROWS = 500_000
"""Rows of a batch where neither the register nor a day's budget says less."""
LATEST = 50
"""Sendings that are looked at."""
_LEAST = 1_000
_LONG_SECONDS = 60.0
_TOO_MUCH = frozenset(
    {"READ_TIMEOUT", "NOT_READY", "ANSWER_ENDLESS", "TOO_LARGE", "TOO_MANY_ROWS", "STATUS_504"}
)
RECEIVED = "received"


@dataclass(frozen=True)
class Sending:
    """One sending of a batch: its rows, how long it took (None: it was cut off), and how it ended."""

    rows: int
    seconds: float | None
    result: str | None


def learnt_rows(sendings: Iterable[Sending], most: int) -> int:
    """Rows of the next batch, oldest sending first: half as many after one that was too much, a quarter of ``most``
    more after a full one that came back within a minute. Never below a thousand, unless ``most`` is.
    """
    size = most
    for sending in sendings:
        if sending.result in _TOO_MUCH:
            size = max(min(_LEAST, most), min(size, sending.rows) // 2)
        elif sending.result == RECEIVED and sending.rows >= size and _was_quick(sending):
            size = min(most, size + most // 4)
    return size


def _was_quick(sending: Sending) -> bool:
    return sending.seconds is not None and sending.seconds < _LONG_SECONDS
