"""The register's own book of what it received: one entry a key, however often the key arrives.

Belongs here: counting and the day's statistics. Lives in the server's memory, and ends with it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from orchestration.simulator.answering import Tally

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@dataclass(frozen=True)
class Entry:
    """One batch by its idempotency key. ``arrivals`` counts how often it came; its rows count once."""

    key: str
    received_on: date
    officer: str
    purpose: str
    tally: Tally
    arrivals: int = 1


@dataclass
class Book:
    """All entries since the server started."""

    _entries: dict[str, Entry] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, key: str, *, officer: str, purpose: str, tally: Tally, at: datetime) -> Entry:
        """Write the batch down, or count one more arrival of a key that is known."""
        with self._lock:
            known = self._entries.get(key)
            entry = (
                replace(known, arrivals=known.arrivals + 1)
                if known
                else Entry(key, at.astimezone(_ZONE).date(), officer, purpose, tally)
            )
            self._entries[key] = entry
            return entry

    def by_day(self, day: date | None) -> list[dict[str, int | str]]:
        """Totals of each day of Vietnam's time, or of the one asked for; a day without batches is not listed."""
        with self._lock:
            entries = tuple(self._entries.values())
        days = sorted({entry.received_on for entry in entries if day in (None, entry.received_on)})
        return [_totals(d, [entry for entry in entries if entry.received_on == d]) for d in days]


def _totals(day: date, entries: Sequence[Entry]) -> dict[str, int | str]:
    return {
        "day": day.isoformat(),
        "batches": len(entries),
        "repeats": sum(entry.arrivals - 1 for entry in entries),
        "rows": sum(entry.tally.rows for entry in entries),
        "refused": sum(entry.tally.refused for entry in entries),
        "found": sum(entry.tally.found for entry in entries),
        "several": sum(entry.tally.several for entry in entries),
    }
