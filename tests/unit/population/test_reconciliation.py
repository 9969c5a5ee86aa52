"""Every cause is named where the ledger shows it; what merely could be so explains nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from orchestration.population.ledger import Batch, BatchState
from orchestration.population.reading import Attempt
from orchestration.population.reconciliation import DayComparison, Exchanged, compare, exchanged
from orchestration.population.statistics import DayTotals

D1, D2, D3 = date(2022, 4, 6), date(2022, 4, 7), date(2022, 4, 8)


def sent(batch_id: str, *days: date, **changed: Any) -> Exchanged:
    facts = {"rows": 10, "attempts": 1, "unheard": 0, "refused": 1, "found": 6, "several": 2}
    return Exchanged(
        **{"batch_id": batch_id, "state": BatchState.ANSWERED, "days": days or (D1,), **facts, **changed}
    )


OPEN: dict[str, Any] = {
    "state": BatchState.SENT,
    "refused": None,
    "found": None,
    "several": None,
    "unheard": 1,
}
FAILED = {**OPEN, "state": BatchState.FAILED}
TWO = DayTotals(2, 0, 20, 2, 12, 4)
ONE = DayTotals(1, 0, 10, 1, 6, 2)


def told(days: Sequence[DayComparison]) -> list[tuple[date, str, list[tuple[str, int]]]]:
    return [(d.day, d.verdict.value, [(c.reason.value, c.count) for c in d.causes]) for d in days]


@pytest.mark.parametrize(
    ("batches", "register", "expected"),
    [
        ([], {}, []),
        ([sent("a"), sent("b")], {D1: TWO}, [(D1, "equal", [])]),
        ([sent("a"), sent("b", **OPEN)], {D1: ONE}, [(D1, "equal", [])]),
        ([sent("a"), sent("b", **OPEN)], {D1: TWO}, [(D1, "explained", [("sent_not_answered", 1)])]),
        ([sent("a"), sent("b", **FAILED)], {D1: TWO}, [(D1, "explained", [("batch_failed", 1)])]),
        (
            [sent("a"), sent("b", D1, D2)],
            {D1: ONE, D2: ONE},
            [(D1, "explained", [("counted_on_the_next_day", 1)]), (D2, "explained", [("counted_on_the_next_day", 1)])],
        ),
        (
            [sent("b", D1, D2, D3)],
            {D3: ONE},
            [(D1, "explained", [("counted_on_the_next_day", 1)]), (D3, "explained", [("counted_on_the_next_day", 1)])],
        ),
        ([sent("a"), sent("b")], {D1: ONE}, [(D1, "explained", [("register_forgot", 1)])]),
        (
            [sent("a"), sent("b", D2)],
            {D2: ONE},
            [(D1, "explained", [("register_forgot", 1)]), (D2, "equal", [])],
        ),
        (
            [sent("a", attempts=3, unheard=2)],
            {D1: ONE},
            [(D1, "explained", [("attempts_never_arrived", 2)])],
        ),
        ([sent("a", attempts=3, unheard=2)], {D1: DayTotals(1, 2, 10, 1, 6, 2)}, [(D1, "equal", [])]),
    ],
)  # fmt: skip
def test_a_difference_is_named_with_its_cause(
    batches: list[Exchanged],
    register: dict[date, DayTotals],
    expected: list[tuple[date, str, list[tuple[str, int]]]],
) -> None:
    assert told(compare(batches, register)) == expected


@pytest.mark.parametrize(
    ("batches", "register"),
    [
        ([], {D1: ONE}),
        ([sent("a")], {D1: TWO}),
        ([sent("a")], {D1: DayTotals(1, 0, 9, 1, 6, 2)}),
        ([sent("a")], {D1: DayTotals(1, 0, 10, 1, 5, 2)}),
        ([sent("a")], {D1: DayTotals(1, 1, 10, 1, 6, 2)}),
        ([sent("a", attempts=3, unheard=2)], {D1: DayTotals(1, 3, 10, 1, 6, 2)}),
        ([sent("a", attempts=3)], {D1: ONE}),
        ([sent("a"), sent("b", rows=7, **OPEN)], {D1: TWO}),
        ([sent("a", D1), sent("b", D2)], {D1: ONE}),
        ([sent("b", D1, D2)], {D1: TWO, D2: ONE}),
    ],
)
def test_a_difference_that_nothing_makes_up_exactly_is_unexplained(
    batches: list[Exchanged], register: dict[date, DayTotals]
) -> None:
    assert "unexplained" in [day.verdict.value for day in compare(batches, register)]


def test_a_day_begins_at_midnight_in_viet_nam_and_a_key_counts_from_its_first_arrival() -> None:
    before = datetime(2022, 4, 6, 16, 59, 30, tzinfo=UTC)
    batch = Batch("a", BatchState.ANSWERED, 10, 100, "CB01", before)
    attempts = [
        _attempt("2", before + timedelta(hours=2), "received"),
        _attempt("1", before, "RegisterUnavailable"),
    ]
    (found,) = exchanged([batch], attempts, {"a": (1, 6, 2)})
    assert (found.days, found.attempts, found.unheard) == ((D1, D2), 2, 1)
    assert exchanged([batch], [], {}) == ()


def _attempt(request_id: str, at: datetime, result: str) -> Attempt:
    return Attempt(request_id, "a", "BYT", "unit", "officer", "purpose", at, at, result)
