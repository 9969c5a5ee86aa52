"""The size of a batch, as sendings teach it."""

from __future__ import annotations

import pytest

from orchestration.population.sizing import Sending, learnt_rows

GOOD = (2.0, "received")
SLOW = (61.0, "received")
TIMEOUT = (300.0, "READ_TIMEOUT")


@pytest.mark.parametrize(
    ("sendings", "rows"),
    [
        ([], 100_000),
        ([(100_000, *GOOD)], 100_000),
        ([(100_000, *TIMEOUT)], 50_000),
        ([(100_000, *TIMEOUT), (100_000, *TIMEOUT)], 25_000),
        ([(100_000, *TIMEOUT), (50_000, *GOOD)], 75_000),
        ([(100_000, *TIMEOUT), (50_000, *SLOW)], 50_000),
        ([(100_000, *TIMEOUT), (10_000, *GOOD)], 50_000),
        ([(100_000, *TIMEOUT), (50_000, *GOOD), (75_000, *GOOD), (100_000, *GOOD)], 100_000),
        ([(100_000, 0.1, "TOO_MANY_ROWS")], 50_000),
        ([(30_000, 0.1, "TOO_LARGE")], 15_000),
        ([(1_500, *TIMEOUT)] * 9, 1_000),
        ([(100_000, 0.1, "STATUS_503"), (100_000, None, None)], 100_000),
    ],
)
def test_too_much_halves_and_quick_full_batches_grow(
    sendings: list[tuple[int, float | None, str | None]], rows: int
) -> None:
    assert learnt_rows([Sending(*sending) for sending in sendings], 100_000) == rows


def test_the_least_is_never_more_than_what_is_wanted() -> None:
    assert learnt_rows([Sending(300, *TIMEOUT)], 500) == 500
