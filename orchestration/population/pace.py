"""When the register may be asked, and how fast: hours of the day in Viet Nam's time, rows a second and rows a day.

Belongs here: waiting and refusing. What is sent is :mod:`transfer`; how long a register in need is waited for is
:mod:`persistence`; the register's own limits on size are its to tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from orchestration.population.errors import CallerInvalid, OutsideHours

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_FORM = re.compile(f"({_TIME})-({_TIME})")


@dataclass(frozen=True)
class Hours:
    """A part of the day, from its first minute to before its last; may pass midnight."""

    begins: time
    ends: time

    @classmethod
    def parsed(cls, text: str) -> Hours:
        """Read ``22:00-05:00``; raises :class:`CallerInvalid` for anything else, and for a part without length."""
        found = _FORM.fullmatch(text)
        if not found or found[1] == found[2]:
            raise CallerInvalid(
                "The hours in which the register may be asked should look like 22:00-05:00 (Viet Nam's time)."
            )
        return cls(time.fromisoformat(found[1]), time.fromisoformat(found[2]))

    def hold(self, moment: datetime) -> bool:
        """Whether an aware time lies in them."""
        now = moment.astimezone(_ZONE).time()
        if self.begins < self.ends:
            return self.begins <= now < self.ends
        return now >= self.begins or now < self.ends

    def __str__(self) -> str:
        """As it is written in the settings."""
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"


@dataclass(frozen=True)
class Rates:
    """Rows that may be asked in a second and in a day of Viet Nam's time; None is without bounds."""

    rows_per_second: int | None = None
    rows_per_day: int | None = None

    def and_also(self, other: Rates) -> Rates:
        """The tighter of both, bound by bound."""
        return Rates(
            _least(self.rows_per_second, other.rows_per_second), _least(self.rows_per_day, other.rows_per_day)
        )


@dataclass(frozen=True)
class Pace:
    """No bounds unless said. A clock that is put back only makes the next batch wait, never longer than its share."""

    rates: Rates = Rates()
    hours: Hours | None = None

    def __post_init__(self) -> None:
        for bound in (self.rates.rows_per_second, self.rates.rows_per_day):
            if bound is not None and bound < 1:
                raise CallerInvalid(
                    "Rows a second or a day that the register may be asked should be 1 or more."
                )

    def and_also(self, rates: Rates) -> Pace:
        """This pace, and what the register announces besides."""
        return replace(self, rates=self.rates.and_also(rates))

    def require_hours(self, now: datetime) -> None:
        """Raise :class:`OutsideHours` when the register may not be asked at this moment."""
        if self.hours is not None and not self.hours.hold(now):
            raise OutsideHours(
                f"The register may be asked from {self.hours} (Viet Nam's time) only; what is open waits for the "
                "next run within these hours, and nothing is asked twice."
            )


class Turnstile:
    """Lets batches pass at the pace; ``monotonic`` and ``sleep`` are those of :mod:`time`.

    ``rows_on`` tells the rows first sent on a day of Viet Nam's time; sending a batch again is not counted again.
    """

    def __init__(
        self, pace: Pace, *, clock: Callable[[], datetime], monotonic: Callable[[], float],
        sleep: Callable[[float], None], rows_on: Callable[[date], int],
    ) -> None:  # fmt: skip
        self._pace, self._clock, self._monotonic, self._sleep = pace, clock, monotonic, sleep
        self._rows_on = rows_on
        self._free_at = monotonic()

    def wait(self, rows: int, *, is_new: bool = True) -> None:
        """Return when a batch of so many rows may go; raises :class:`OutsideHours`.

        A batch that was sent before (not ``is_new``) stands in its day's rows already.
        """
        rate = self._pace.rates.rows_per_second
        if rate is not None:
            self._sleep(max(0.0, self._free_at - self._monotonic()))
            self._free_at = max(self._free_at, self._monotonic()) + rows / rate
        self._pace.require_hours(self._clock())
        if is_new:
            self._require_day(rows)

    def _require_day(self, rows: int) -> None:
        most = self._pace.rates.rows_per_day
        if most is not None and self._rows_on(local_day(self._clock())) + rows > most:
            raise OutsideHours(
                f"The register may be asked {most} rows a day (Viet Nam's time), and the next batch would exceed that; "
                "what is open waits for tomorrow's run, and nothing is asked twice."
            )


def local_day(moment: datetime) -> date:
    """The day of Viet Nam's time in which an aware time lies."""
    return moment.astimezone(_ZONE).date()


def _least(one: int | None, other: int | None) -> int | None:
    return min((bound for bound in (one, other) if bound is not None), default=None)
