"""The register's own book of what it received: one entry a key, however often the key arrives.

Belongs here: counting and the day's statistics. Lives in the server's memory and ends with it, unless it is kept in a
file: then an entry is durable before its answer leaves, and a restarted register remembers.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.simulator.answering import Tally
from orchestration.simulator.errors import SimulatorError

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
_TABLE = """
create table if not exists entries (
    key text primary key, received_on text, officer text, purpose text, rows integer, refused integer,
    found integer, several integer, arrivals integer
)
"""


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
    """All entries since the server started, or since the file it is kept in was made."""

    _entries: dict[str, Entry] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _file: sqlite3.Connection | None = None

    @classmethod
    @contextmanager
    def kept_in(cls, path: Path | None) -> Iterator[Book]:
        """Open the book of a file (None: of this server's memory alone); raises :class:`SimulatorError`."""
        if path is None:
            yield cls()
            return
        try:
            with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as file:
                file.execute("pragma journal_mode = wal")
                file.execute("pragma synchronous = full")
                file.execute(_TABLE)
                rows = file.execute("select * from entries").fetchall()
                yield cls({row[0]: _entry(row) for row in rows}, _file=file)
        except sqlite3.Error as error:
            raise SimulatorError(
                f"The register's book {path} cannot be used ({type(error).__name__}); give another file."
            ) from None

    def enter(self, key: str, *, officer: str, purpose: str, tally: Tally, at: datetime) -> Entry:
        """Write the batch down, or count one more arrival of a key that is known."""
        with self._lock:
            known = self._entries.get(key)
            entry = (
                replace(known, arrivals=known.arrivals + 1)
                if known
                else Entry(key, at.astimezone(ZONE).date(), officer, purpose, tally)
            )
            if self._file is not None:
                row = (entry.key, entry.received_on.isoformat(), officer, purpose, *astuple(entry.tally))
                self._file.execute(
                    "insert into entries values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    " on conflict (key) do update set arrivals = excluded.arrivals",
                    (*row, entry.arrivals),
                )
            self._entries[key] = entry
            return entry

    def knows(self, key: str) -> bool:
        """Whether a batch with this key was counted."""
        with self._lock:
            return key in self._entries

    def rows_on(self, moment: datetime) -> int:
        """Rows counted on the day of Vietnam's time in which an aware time lies."""
        day = moment.astimezone(ZONE).date()
        with self._lock:
            return sum(entry.tally.rows for entry in self._entries.values() if entry.received_on == day)

    def forget(self) -> None:
        """Lose everything, as a register does that is restored from an older state."""
        with self._lock:
            self._entries.clear()
            if self._file is not None:
                self._file.execute("delete from entries")

    def by_day(self, day: date | None) -> list[dict[str, int | str]]:
        """Totals of each day of Vietnam's time, or of the one asked for; a day without batches is not listed."""
        with self._lock:
            entries = tuple(self._entries.values())
        days = sorted({entry.received_on for entry in entries if day in (None, entry.received_on)})
        return [_totals(d, [entry for entry in entries if entry.received_on == d]) for d in days]


def _entry(row: Sequence[str | int]) -> Entry:
    key, day, officer, purpose, *counts, arrivals = row
    tally = Tally(*(int(count) for count in counts))
    return Entry(str(key), date.fromisoformat(str(day)), str(officer), str(purpose), tally, int(arrivals))


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
