"""The row of days after a delivery: which increment stands for each day, and what keeps a day from counting.

A pure function of what was received, in whatever order it came. What is read out of a day's dumps is not its
business; a day that does not stand keeps itself and all after it out of the warehouse, and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from handover.parts import DeliveryKind
from handover.sealed import SealedDelivery

COUNTRY_TIME = ZoneInfo("Asia/Ho_Chi_Minh")
LATE_DAYS = 2
"""A day's rows are due on the next day; they are told as late from the second on."""
STRAY = "HND-DAY-07"
"""Said of a package for a day that is none of the row."""
OVERLAPPING = "HND-DAY-08"
"""Said of a day whose rows were changed on another; they are read once the day is imported."""
_LONGEST = 3_660
"""Days that a row may have; a package that claims one further away is not one of its days."""


class Standing(StrEnum):
    """Whether a day's rows may count."""

    SOUND = "sound"
    BROKEN = "broken"
    MISSING = "missing"
    BLOCKED = "blocked"
    """Sound in itself, after a day that is not."""


@dataclass(frozen=True)
class Day:
    """One day of the row: the package that stands for it (None: none came), and the ids of what was found of it."""

    day: date
    package: SealedDelivery | None
    standing: Standing
    findings: tuple[str, ...] = ()
    repairs: tuple[SealedDelivery, ...] = ()
    """Earlier packages of the day that this one replaces, the latest first."""


@dataclass(frozen=True)
class Row:
    """All days after a delivery up to the last that came; ``strays`` claim a day that is none of them."""

    baseline: SealedDelivery
    days: tuple[Day, ...]
    strays: tuple[SealedDelivery, ...]

    def until(self, end: date) -> tuple[Day, ...]:
        """The days up to and with ``end``; those that never came are missing."""
        known = {day.day: day for day in self.days}
        return tuple(
            known.get(day, Day(day, None, Standing.MISSING, ("HND-DAY-01",))) for day in self._days(end)
        )

    def _days(self, end: date) -> list[date]:
        start = snapshot_day(self.baseline)
        return [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]


def snapshot_day(delivery: SealedDelivery) -> date:
    """The day in Viet Nam on which the vendor took the delivery's snapshot."""
    return delivery.declaration.snapshot_at.astimezone(COUNTRY_TIME).date()


def row_of_days(baseline: SealedDelivery, packages: Iterable[SealedDelivery]) -> Row:
    """Set the increments of ``baseline`` in the row of their days and judge each by its predecessor."""
    start = snapshot_day(baseline)
    claims: dict[date, list[SealedDelivery]] = defaultdict(list)
    strays = []
    for package in packages:
        covers_on = package.declaration.covers_on
        if package.kind is not DeliveryKind.INCREMENT or package.declaration.baseline != baseline.id:
            continue
        if (
            covers_on is None
            or not start < covers_on <= start + timedelta(days=_LONGEST)
            or _is_ahead(package)
        ):
            strays.append(package)
        else:
            claims[covers_on].append(package)
    walk = _Walk({start: [baseline]})
    last = max(claims, default=start)
    days = (start + timedelta(days=n) for n in range(1, (last - start).days + 1))
    judged = tuple(walk.judge(day, _heads(claims[day])) for day in days)
    return Row(baseline, judged, tuple(strays))


_Head = tuple[SealedDelivery, Sequence[SealedDelivery]]


@dataclass
class _Walk:
    """From day to day: who stood for each, and whether all days so far are sound."""

    stood: dict[date, Sequence[SealedDelivery]]
    is_unbroken: bool = True

    def judge(self, day: date, heads: Sequence[_Head]) -> Day:
        """The day's place in the row; ``heads`` are its packages that no other replaces, with what they replace."""
        if not heads:
            return self._keep(Day(day, None, Standing.MISSING, ("HND-DAY-01",)))
        package, repaired = heads[0]
        contents = {_content(head) for head, _ in heads}
        findings = ["HND-DAY-03"] if len(contents) > 1 else []
        findings += ["HND-DAY-02"] if len(heads) > len(contents) else []
        findings += self._of_predecessor(day, package)
        findings += ["HND-DAY-06"] if _is_late(package) else []
        broken = _BREAKING.intersection(findings)
        standing = Standing.BROKEN if broken else Standing.SOUND if self.is_unbroken else Standing.BLOCKED
        return self._keep(Day(day, package, standing, tuple(findings), tuple(repaired)))

    def _of_predecessor(self, day: date, package: SealedDelivery) -> list[str]:
        """The package should name whoever stands for the day before, or one that he replaced."""
        named = package.declaration.predecessor
        before = self.stood.get(day - timedelta(days=1), ())
        if not before or named is None:
            return []
        if named.bag_sha256 in {each.bag_sha256 for each in before}:
            return []
        return ["HND-DAY-04" if named.id in {each.id for each in before} else "HND-DAY-05"]

    def _keep(self, judged: Day) -> Day:
        if judged.package is not None:
            self.stood[judged.day] = (judged.package, *judged.repairs)
        self.is_unbroken = self.is_unbroken and judged.standing is Standing.SOUND
        return judged


_BREAKING = frozenset({"HND-DAY-03", "HND-DAY-04", "HND-DAY-05"})


def _heads(claims: Sequence[SealedDelivery]) -> list[_Head]:
    """The packages of one day that no other of it repairs, the first received first, and what each replaces."""
    by_bag = {claim.bag_sha256: claim for claim in claims}
    repaired = {claim.declaration.repairs for claim in claims} - {None}
    heads = [claim for claim in claims if claim.bag_sha256 not in repaired]
    heads.sort(key=lambda claim: (claim.received_at, claim.id))
    return [(head, _replaced(head, by_bag)) for head in heads]


def _replaced(head: SealedDelivery, by_bag: Mapping[str, SealedDelivery]) -> Sequence[SealedDelivery]:
    found: list[SealedDelivery] = []
    named = head.declaration.repairs
    while named is not None and named in by_bag and by_bag[named] not in (head, *found):
        found.append(by_bag[named])
        named = found[-1].declaration.repairs
    return found


def _content(package: SealedDelivery) -> frozenset[tuple[str, str]]:
    """The package's files without its declaration, which bears its id."""
    return frozenset(
        (str(file.path), file.sha256) for file in package.files if str(file.path) != "declaration.yml"
    )


def _is_ahead(package: SealedDelivery) -> bool:
    covers_on = package.declaration.covers_on
    return covers_on is not None and covers_on > package.received_at.astimezone(COUNTRY_TIME).date()


def _is_late(package: SealedDelivery) -> bool:
    covers_on = package.declaration.covers_on
    received_on = package.received_at.astimezone(COUNTRY_TIME).date()
    return covers_on is not None and received_on >= covers_on + timedelta(days=LATE_DAYS)
