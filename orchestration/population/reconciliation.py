"""Our ledger beside the register's statistics, day by day: equal, explained by what the ledger itself shows, or not.

A cause is believed only where the batches it names make up the difference exactly, in every measure; a cause that
merely could be so explains nothing. Belongs here: the comparing. The vendor's log is :mod:`vendor_log`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import combinations
from zoneinfo import ZoneInfo

from orchestration.population.ledger import Batch, BatchState
from orchestration.population.reading import Attempt
from orchestration.population.statistics import DayTotals, Statistics

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CLOCK_DRIFT = timedelta(minutes=2)
"""How far the register's clock may be ahead of ours where a batch is sent around midnight."""
_MOST_OPTIONAL = 10
"""So many batches of a day are tried in every combination; of more, only all or none."""
_HEARD = "received"


class Verdict(StrEnum):
    """What came of a day."""

    EQUAL = "equal"
    EXPLAINED = "explained"
    UNEXPLAINED = "unexplained"


class Reason(StrEnum):
    """Why the register may count otherwise than the ledger."""

    NOT_ANSWERED = "sent_not_answered"
    FAILED = "batch_failed"
    MIDNIGHT = "counted_on_the_next_day"
    FORGOTTEN = "register_forgot"
    NEVER_ARRIVED = "attempts_never_arrived"


@dataclass(frozen=True)
class Exchanged:
    """A batch that was sent at least once. ``days``: on which the register may have counted it, ascending.

    ``unheard``: attempts without an answer. ``refused``, ``found``, ``several``: None where no answer is settled.
    """

    batch_id: str
    state: BatchState
    days: tuple[date, ...]
    rows: int
    attempts: int
    unheard: int
    refused: int | None = None
    found: int | None = None
    several: int | None = None


@dataclass(frozen=True)
class Cause:
    """A reason with the batches it rests on and how much they make up."""

    reason: Reason
    batch_ids: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class DayComparison:
    """Both sides' totals of one day, what came of it, and why."""

    day: date
    ledger: DayTotals
    register: DayTotals
    verdict: Verdict
    causes: tuple[Cause, ...]
    batch_ids: tuple[str, ...]


def exchanged(
    batches: Iterable[Batch], attempts: Iterable[Attempt], verdicts: dict[str, tuple[int, int, int]]
) -> tuple[Exchanged, ...]:
    """The sent batches, oldest first. ``verdicts``: refused, found and several of each batch that is answered."""
    tried: dict[str, list[Attempt]] = {}
    for attempt in sorted(attempts, key=lambda each: each.started_at):
        tried.setdefault(attempt.batch_id, []).append(attempt)
    known = sorted(
        (batch for batch in batches if batch.batch_id in tried),
        key=lambda batch: tried[batch.batch_id][0].started_at,
    )
    return tuple(
        _exchanged(b, tried[b.batch_id], verdicts.get(b.batch_id, (None, None, None))) for b in known
    )


def _exchanged(
    batch: Batch, tried: Sequence[Attempt], verdict: tuple[int | None, int | None, int | None]
) -> Exchanged:
    days: list[date] = []
    for attempt in tried:
        ended_at = attempt.ended_at or attempt.started_at
        for moment in (
            attempt.started_at,
            ended_at,
            attempt.started_at - CLOCK_DRIFT,
            ended_at + CLOCK_DRIFT,
        ):
            if _day(moment) not in days:
                days.append(_day(moment))
        if attempt.result == _HEARD:
            break
    unheard = sum(attempt.result != _HEARD for attempt in tried)
    return Exchanged(batch.batch_id, batch.state, tuple(days), batch.row_count, len(tried), unheard, *verdict)


def compare(sent: Sequence[Exchanged], register: Statistics) -> tuple[DayComparison, ...]:
    """Every day on which either side counts something, in order."""
    days = sorted({*register, *(day for batch in sent for day in batch.days)})
    waiting, placed = set[str](), set[str]()
    is_register_silent = True
    compared = []
    for day in days:
        theirs = register.get(day, DayTotals())
        own = [b for b in sent if b.days[0] == day and _is_certain(b)]
        choice = _Choice.of(day, sent, waiting, placed)
        found = _explain(choice, theirs, may_forget=is_register_silent)
        counted, causes = found or ([*choice.own, *choice.came], [])
        placed |= {b.batch_id for b in counted}
        waiting = {b.batch_id for b in [*own, *choice.waiting] if found and b.batch_id not in placed}
        waiting -= {i for cause in causes if cause.reason is Reason.FORGOTTEN for i in cause.batch_ids}
        is_register_silent = is_register_silent and not theirs.batches
        if not (own or theirs != DayTotals() or causes or found is None):
            continue
        verdict = Verdict.UNEXPLAINED if found is None else Verdict.EXPLAINED if causes else Verdict.EQUAL
        named = tuple(i for cause in causes for i in cause.batch_ids)
        if found is None:
            named = tuple(b.batch_id for b in counted)
        compared.append(DayComparison(day, _totals(own), theirs, verdict, tuple(causes), named))
    return tuple(compared)


@dataclass(frozen=True)
class _Choice:
    """The batches of one day: surely received and first sent on it, come from an earlier day, and those that may be."""

    own: tuple[Exchanged, ...]
    came: tuple[Exchanged, ...]
    waiting: tuple[Exchanged, ...]
    optional: tuple[tuple[Reason, Exchanged], ...]

    @classmethod
    def of(cls, day: date, sent: Sequence[Exchanged], waiting: set[str], placed: set[str]) -> _Choice:
        """``waiting``: received, but not counted on their own day; ``placed``: counted on a day before."""
        own = tuple(b for b in sent if _is_certain(b) and b.days[0] == day)
        later = tuple(b for b in sent if b.batch_id in waiting)
        optional = [(Reason.MIDNIGHT, b) for b in own if len(b.days) > 1]
        optional += [(Reason.MIDNIGHT, b) for b in later if day in b.days[:-1]]
        for b in sent:
            if not _is_certain(b) and day in b.days and b.batch_id not in placed:
                optional.append((Reason.FAILED if b.state is BatchState.FAILED else Reason.NOT_ANSWERED, b))
        return cls(own, tuple(b for b in later if b.days[-1] == day), later, tuple(optional))


def _explain(
    choice: _Choice, theirs: DayTotals, *, may_forget: bool
) -> tuple[list[Exchanged], list[Cause]] | None:
    """The batches that the register counted on this day and why not ours, or None."""
    for chosen in _subsets(choice.optional):
        ids = {b.batch_id for _, b in chosen}
        counted = [b for b in choice.own if b.batch_id not in ids] + list(choice.came)
        counted += [b for _, b in chosen if b not in choice.own]
        repeats = _fits(counted, theirs)
        if repeats is not None:
            moved = [(Reason.MIDNIGHT, b) for b in choice.came]
            return counted, [*_causes([*moved, *chosen]), *repeats]
    surely = [*choice.came, *choice.own]
    for first in range(1, len(surely) + 1) if may_forget else ():
        repeats = _fits(surely[first:], theirs)
        if repeats is not None:
            gone = tuple(b.batch_id for b in surely[:first])
            return surely[first:], [Cause(Reason.FORGOTTEN, gone, len(gone)), *repeats]
    return None


def _subsets(
    optional: Sequence[tuple[Reason, Exchanged]],
) -> Iterator[tuple[tuple[Reason, Exchanged], ...]]:
    """The smallest first, so that nothing is called upon that is not needed."""
    if len(optional) > _MOST_OPTIONAL:
        yield from ((), tuple(optional))
        return
    for size in range(len(optional) + 1):
        yield from combinations(optional, size)


def _fits(counted: Sequence[Exchanged], theirs: DayTotals) -> list[Cause] | None:
    """Whether these batches are exactly what the register counts; what explains its repeats, or None."""
    if len(counted) != theirs.batches or sum(b.rows for b in counted) != theirs.rows:
        return None
    unsettled = sum(b.rows for b in counted if b.refused is None)
    rest = [
        theirs.refused - sum(b.refused or 0 for b in counted),
        theirs.found - sum(b.found or 0 for b in counted),
        theirs.several - sum(b.several or 0 for b in counted),
    ]
    if min(rest) < 0 or sum(rest) > unsettled:
        return None
    missing = sum(b.attempts - 1 for b in counted) - theirs.repeats
    if missing == 0:
        return []
    # Every sending is an attempt of the ledger: more arrivals than attempts are nobody's that we know.
    unheard = sum(b.unheard for b in counted)
    return [Cause(Reason.NEVER_ARRIVED, (), missing)] if 0 < missing <= unheard else None


def _causes(chosen: Iterable[tuple[Reason, Exchanged]]) -> list[Cause]:
    named: dict[Reason, list[str]] = {}
    for reason, batch in chosen:
        named.setdefault(reason, []).append(batch.batch_id)
    return [Cause(reason, tuple(batch_ids), len(batch_ids)) for reason, batch_ids in named.items()]


def _is_certain(batch: Exchanged) -> bool:
    """The register's answer lies here: it did receive this batch."""
    return batch.state in (BatchState.ACKNOWLEDGED, BatchState.ANSWERED)


def _totals(batches: Sequence[Exchanged]) -> DayTotals:
    return DayTotals(
        batches=len(batches),
        repeats=sum(b.attempts - 1 for b in batches),
        rows=sum(b.rows for b in batches),
        refused=sum(b.refused or 0 for b in batches),
        found=sum(b.found or 0 for b in batches),
        several=sum(b.several or 0 for b in batches),
    )


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()
