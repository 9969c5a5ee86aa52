"""A month of Viet Nam's time: reading one as people type it, and where it begins and ends. Knows no ledger."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from orchestration.population.errors import RegisterError

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_FORM = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)


class MonthInvalid(RegisterError):
    """What was given is no month, or one that there can be nothing to tell of."""


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in Viet Nam (UTC+7)."""

    year: int
    number: int

    @classmethod
    def parsed(cls, text: str) -> Month:
        """Read ``2022-04``; raises :class:`MonthInvalid` for anything else, without repeating it."""
        found = _FORM.fullmatch(text)
        if found is None:
            raise MonthInvalid(
                "The month should look like 2022-04: a year from 2000 to 2099 and a month, 01 to 12."
            )
        return cls(int(found[1]), int(found[2]))

    @property
    def begins_at(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=ZONE)

    @property
    def ends_at(self) -> datetime:
        """The first moment that is no longer in it."""
        return datetime(self.year + self.number // 12, self.number % 12 + 1, 1, tzinfo=ZONE)

    def until(self, at: datetime) -> datetime:
        """The last moment there can be anything to tell of at the aware time ``at``: its end, or ``at`` before that.

        Raises :class:`MonthInvalid` for a month that has not begun.
        """
        if at <= self.begins_at:
            raise MonthInvalid(f"The month {self} has not begun; give one that has, like 2022-04.")
        return min(at.astimezone(ZONE), self.ends_at)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"
