"""Hours and rates: when a batch may go, told by made-up clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from orchestration.population.errors import CallerInvalid, OutsideHours
from orchestration.population.pace import Hours, Pace, Rates, Turnstile


class Time:
    """A monotonic clock that moves only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


def at(hour: int, minute: int = 0) -> datetime:
    """A moment of a day in Viet Nam, told in UTC."""
    return datetime(2022, 4, 6, hour, minute, tzinfo=UTC) - timedelta(hours=7)


def turnstile(
    pace: Pace,
    now: Time,
    clock: Callable[[], datetime] = lambda: at(12),
    rows_on: Callable[[date], int] = lambda _: 0,
) -> Turnstile:
    return Turnstile(pace, clock=clock, monotonic=lambda: now.now, sleep=now.sleep, rows_on=rows_on)


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("08:00-17:00", [at(8), at(16, 59)], [at(7, 59), at(17), at(23)]),
        ("22:00-05:00", [at(22), at(23, 59), at(0), at(4, 59)], [at(5), at(21, 59), at(12)]),
        ("00:00-00:01", [at(0)], [at(0, 1), at(23, 59)]),
    ],
)
def test_hours_hold_their_first_minute_and_not_their_last(
    hours: str, inside: list[datetime], outside: list[datetime]
) -> None:
    parsed = Hours.parsed(hours)
    assert all(parsed.hold(moment) for moment in inside)
    assert not any(parsed.hold(moment) for moment in outside)
    assert str(parsed) == hours


@pytest.mark.parametrize(
    "text", ["", "22-05", "24:00-05:00", "22:00-22:00", "22:00-05:00 ", "đêm", "2:00-5:00"]
)
def test_other_texts_are_no_hours(text: str) -> None:
    with pytest.raises(CallerInvalid, match="22:00-05:00"):
        Hours.parsed(text)


def test_batches_pass_at_the_rate_and_the_first_at_once() -> None:
    now = Time()
    gate = turnstile(Pace(Rates(rows_per_second=1000)), now)
    for rows in (5000, 2000, 1000):
        gate.wait(rows)
    assert now.slept == [0.0, 5.0, 2.0]
    now.now += 60
    gate.wait(1)
    assert now.slept[-1] == 0.0


def test_without_bounds_nobody_waits() -> None:
    now = Time()
    turnstile(Pace(), now).wait(1_000_000)
    assert now.slept == []


def test_a_rate_below_one_row_is_refused() -> None:
    with pytest.raises(CallerInvalid, match="1 or more"):
        Pace(Rates(rows_per_second=0))


def test_the_hours_are_looked_at_after_the_waiting() -> None:
    moments: Iterator[datetime] = iter([at(4, 59), at(5)])
    gate = turnstile(Pace(hours=Hours.parsed("22:00-05:00")), Time(), lambda: next(moments))
    gate.wait(1)
    with pytest.raises(OutsideHours, match="22:00-05:00"):
        gate.wait(1)


def test_what_exceeds_the_days_rows_waits_for_the_next_day_of_viet_nam() -> None:
    sent = {date(2022, 4, 6): 900, date(2022, 4, 7): 0}
    moments = iter([*[at(23)] * 4, *[at(23) + timedelta(hours=1)] * 2])
    gate = turnstile(Pace(Rates(rows_per_day=1000)), Time(), lambda: next(moments), sent.__getitem__)
    gate.wait(100)
    with pytest.raises(OutsideHours, match="1000 rows a day"):
        gate.wait(101)
    gate.wait(1000)


def test_a_batch_that_was_sent_before_is_not_counted_again() -> None:
    gate = turnstile(Pace(Rates(rows_per_day=10)), Time(), rows_on=lambda _: 10)
    gate.wait(10, is_new=False)


@pytest.mark.parametrize(
    ("ours", "theirs", "both"),
    [
        (Rates(), Rates(), Rates()),
        (Rates(5, None), Rates(None, 7), Rates(5, 7)),
        (Rates(5, 9), Rates(3, 10), Rates(3, 9)),
    ],
)
def test_of_two_paces_the_tighter_holds(ours: Rates, theirs: Rates, both: Rates) -> None:
    assert Pace(ours).and_also(theirs).rates == both
