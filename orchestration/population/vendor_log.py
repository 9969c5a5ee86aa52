"""The vendor's own log of transfers beside what the register was asked, by the day the vendor says it sent.

The vendor transfers in the night what was recorded the day before: a log day is set beside the subjects recorded on
the day before it, in Vietnam's time. The log is evidence; no figure is ever taken from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any

import duckdb

from orchestration.population.reconciliation import Verdict

AFTER_LOG = "recorded_after_the_log_ends"
_CLASSES = """
create or replace temp view log_subjects as
with asked as (
    select subject_id, max(batch_state in ('acknowledged', 'answered')) as is_answered
    from verification.transfers group by subject_id
),
requested as (select distinct subject_id from verification.int_requests)
select
    cast(s.recorded_at at time zone 'Asia/Ho_Chi_Minh' as date) + 1 as day,
    case
        when a.is_answered then 'asked'
        when s.is_held then 'held'
        when r.subject_id is not null then 'waiting'
        else 'without_request'
    end as standing,
    s._delivery, s._table, s._row
from cleansing.int_subjects s
left join asked a using (subject_id)
left join requested r using (subject_id)
where s.recorded_at is not null
"""
_DAYS = """
with log as (
    select * from staging.stg_vendor__sync_log where synced_on is not null
    qualify row_number() over (
        partition by synced_on order by _increment_on desc nulls last, _delivery desc, _row desc
    ) = 1
),
ours as (
    select
        day,
        count(*) filter (where standing = 'asked') as asked,
        count(*) filter (where standing = 'held') as held,
        count(*) filter (where standing = 'waiting') as waiting,
        count(*) filter (where standing = 'without_request') as without_request
    from log_subjects group by day
)
select
    coalesce(log.synced_on, ours.day) as day, log.subject_count,
    coalesce(asked, 0), coalesce(held, 0), coalesce(waiting, 0), coalesce(without_request, 0),
    coalesce(ours.day > (select max(synced_on) from log), false) as is_after_log,
    log._delivery, log._table, log._row
from log full join ours on ours.day = log.synced_on
where log.synced_on is not null or asked > 0
order by 1
"""
_ROWS = """
select _delivery, _table, _row from log_subjects
where day = $day and list_contains($standings, standing) order by all limit $limit
"""
Address = tuple[str, str, int]


@dataclass(frozen=True)
class LogDay:
    """One day of the log: subjects the vendor counts (None: no row), and ours by where they stand."""

    day: date
    vendor: int | None
    asked: int
    held: int
    waiting: int
    without_request: int
    verdict: Verdict
    causes: tuple[tuple[str, int], ...]
    addresses: tuple[Address, ...]


_CLASS_NAMES = ("held", "waiting", "without_request")


def compare_log(connection: duckdb.DuckDBPyConnection, limit: int) -> tuple[LogDay, ...]:
    """Every day of the log, and every day of ours that was asked; at most ``limit`` addresses of rows a day.

    What the vendor counts beyond the subjects asked is explained only by whole classes of subjects that were not asked,
    exactly, and not by a class that another day shows to be outside his count.
    """
    connection.execute(_CLASSES)
    rows = connection.execute(_DAYS).fetchall()
    uncounted = {
        name
        for _, vendor, asked, *rest in rows
        if vendor == asked
        for name, count in zip(_CLASS_NAMES, rest, strict=False)
        if count
    }
    return tuple(_judged(connection, row, uncounted, limit) for row in rows)


def _judged(
    connection: duckdb.DuckDBPyConnection, row: tuple[Any, ...], uncounted: set[str], limit: int
) -> LogDay:
    day, vendor, asked, held, waiting, without_request, is_after_log, *log_row = row
    classes = zip(_CLASS_NAMES, (held, waiting, without_request), strict=True)
    possible = [(name, count) for name, count in classes if count and name not in uncounted]
    possible.sort(
        key=lambda each: each[0] != "waiting"
    )  # of two that fit alike, the one that time will settle
    verdict, causes = _cause(vendor, asked, possible, is_after_log=is_after_log)
    addresses: list[Address] = []
    if verdict is not Verdict.EQUAL:
        addresses = [] if vendor is None else [(log_row[0], log_row[1], log_row[2])]
        standings = [name for name, _ in causes if name != AFTER_LOG] or list(_CLASS_NAMES)
        found = connection.execute(_ROWS, {"day": day, "standings": standings, "limit": limit}).fetchall()
        addresses += [(delivery, table, number) for delivery, table, number in found]
    shown = tuple(addresses[:limit])
    return LogDay(day, vendor, asked, held, waiting, without_request, verdict, causes, shown)


def _cause(
    vendor: int | None, asked: int, possible: Sequence[tuple[str, int]], *, is_after_log: bool
) -> tuple[Verdict, tuple[tuple[str, int], ...]]:
    if vendor is None:
        after = ((AFTER_LOG, asked),)
        return (Verdict.EXPLAINED, after) if is_after_log else (Verdict.UNEXPLAINED, ())
    if vendor == asked:
        return Verdict.EQUAL, ()
    for size in range(1, len(possible) + 1):
        for chosen in combinations(possible, size):
            if sum(count for _, count in chosen) == vendor - asked:
                return Verdict.EXPLAINED, chosen
    return Verdict.UNEXPLAINED, ()
