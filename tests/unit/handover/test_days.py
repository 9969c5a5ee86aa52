"""The row of days after a delivery: each way a day can fail to stand is told under its id and blocks what follows."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path, PurePosixPath

import pytest

from handover.days import Row, Standing, row_of_days
from handover.declaration import Declaration, Predecessor
from handover.parts import DeliveryKind
from handover.sealed import SealedDelivery, SealedFile

SNAPSHOT = date(2022, 4, 5)
SOUND, BROKEN, MISSING, BLOCKED = Standing.SOUND, Standing.BROKEN, Standing.MISSING, Standing.BLOCKED


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def package(
    identifier: str, day: date, content: str, *, before: SealedDelivery | None, repairs: str | None = None
) -> SealedDelivery:
    """A package of one day (without ``before``: a delivery), received on the day after it."""
    kind = DeliveryKind.INCREMENT if before else DeliveryKind.DELIVERY
    named = Predecessor(before.id, before.bag_sha256) if before else None
    made_at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=16)
    declaration = Declaration(
        identifier,
        kind,
        "VIETTEL",
        made_at,
        day if before else None,
        "vn" if before else None,
        named,
        repairs,
        {},
    )
    file = SealedFile(PurePosixPath("database/support.dump"), digest(content), 1, Path("none"))
    bag = digest(f"{identifier} {content} {named} {repairs}")
    received_at = made_at + timedelta(hours=12)
    return SealedDelivery(
        identifier, kind, bag, received_at, made_at, (file,), (), declaration, is_accepted=False
    )


BASELINE = package("vn", SNAPSHOT, "all", before=None)


def chain(days: int, baseline: SealedDelivery = BASELINE) -> list[SealedDelivery]:
    """``days`` packages, each naming the one before it."""
    packages = [baseline]
    for n in range(1, days + 1):
        day = SNAPSHOT + timedelta(days=n)
        packages.append(package(f"vn.{day}", day, f"rows of {day}", before=packages[-1]))
    return packages[1:]


def told(row: Row) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(day.standing), day.findings) for day in row.days]


def test_days_that_name_each_other_stand_whatever_the_order_they_came_in() -> None:
    packages = chain(5)
    for order in permutations(packages):
        assert told(row_of_days(BASELINE, order)) == [(SOUND, ())] * 5


def test_a_missing_day_blocks_those_after_it_and_none_before_it() -> None:
    first, second, _, *rest = chain(5)
    row = row_of_days(BASELINE, [first, second, *rest])
    assert [day.standing for day in row.days] == [SOUND, SOUND, MISSING, BLOCKED, BLOCKED]
    assert row.days[2].findings == ("HND-DAY-01",)


def test_days_that_never_came_are_missing_up_to_the_day_asked_for() -> None:
    row = row_of_days(BASELINE, chain(1))
    until = row.until(SNAPSHOT + timedelta(days=3))
    assert [day.standing for day in until] == [SOUND, MISSING, MISSING]


def test_the_same_content_under_another_id_changes_nothing() -> None:
    first, second = chain(2)
    again = package(
        "vn.2022-04-06-again", first.declaration.covers_on or SNAPSHOT, "rows of 2022-04-06", before=BASELINE
    )
    row = row_of_days(BASELINE, [again, second, first])
    assert told(row) == [(SOUND, ("HND-DAY-02",)), (SOUND, ())]
    assert row.days[0].package == first


def test_two_packages_with_different_content_break_their_day_alone() -> None:
    first, second, third = chain(3)
    other = package("vn.2022-04-07-b", date(2022, 4, 7), "other rows", before=first)
    assert told(row_of_days(BASELINE, [first, second, other, third])) == [
        (SOUND, ()),
        (BROKEN, ("HND-DAY-03",)),
        (BLOCKED, ()),
    ]


def test_a_day_altered_after_the_next_was_made_breaks_the_chain_where_it_shows() -> None:
    first, second, third = chain(3)
    altered = replace(second, bag_sha256=digest("altered"))
    assert told(row_of_days(BASELINE, [first, altered, third])) == [
        (SOUND, ()),
        (SOUND, ()),
        (BROKEN, ("HND-DAY-04",)),
    ]


def test_a_day_that_follows_another_than_the_one_before_it_is_reordered() -> None:
    first, second = chain(2)
    third = package("vn.2022-04-08", date(2022, 4, 8), "rows", before=first)
    assert told(row_of_days(BASELINE, [first, second, third]))[2] == (BROKEN, ("HND-DAY-05",))


def test_a_first_day_of_another_snapshot_does_not_follow() -> None:
    elsewhere = replace(BASELINE, bag_sha256=digest("an earlier bag of the delivery"))
    (first,) = chain(1, elsewhere)
    assert told(row_of_days(BASELINE, [first])) == [(BROKEN, ("HND-DAY-04",))]


def test_a_repaired_day_takes_its_place_and_its_successors_still_stand() -> None:
    first, second, third = chain(3)
    repaired = package(
        "vn.2022-04-07-r1", date(2022, 4, 7), "mended", before=first, repairs=second.bag_sha256
    )
    row = row_of_days(BASELINE, [first, second, repaired, third])
    assert told(row) == [(SOUND, ())] * 3
    assert row.days[1].package == repaired
    assert row.days[1].repairs == (second,)


def test_a_repair_of_a_repair_stands_for_its_day_whichever_of_them_the_next_day_names() -> None:
    first, second = chain(2)
    day = date(2022, 4, 7)
    once = package("r1", day, "mended", before=first, repairs=second.bag_sha256)
    twice = package("r2", day, "mended again", before=first, repairs=once.bag_sha256)
    for named in (second, once, twice):
        third = package("vn.2022-04-08", date(2022, 4, 8), "rows", before=named)
        row = row_of_days(BASELINE, [twice, third, second, first, once])
        assert told(row) == [(SOUND, ())] * 3
        assert row.days[1].repairs == (once, second)


def test_two_repairs_of_one_package_are_two_packages_for_one_day() -> None:
    first, second = chain(2)
    day = date(2022, 4, 7)
    rivals = [package(name, day, name, before=first, repairs=second.bag_sha256) for name in ("r1", "r2")]
    assert told(row_of_days(BASELINE, [first, second, *rivals]))[1] == (BROKEN, ("HND-DAY-03",))


def test_packages_that_repair_each_other_leave_their_day_without_one() -> None:
    (first,) = chain(1)
    day = date(2022, 4, 6)
    a = package("a", day, "a", before=BASELINE, repairs=first.bag_sha256)
    b = replace(
        package("b", day, "b", before=BASELINE), declaration=replace(a.declaration, repairs=a.bag_sha256)
    )
    a = replace(a, declaration=replace(a.declaration, repairs=b.bag_sha256))
    assert [day.standing for day in row_of_days(BASELINE, [a, b]).days] == [MISSING]


def test_a_late_day_is_told_and_counts() -> None:
    (first,) = chain(1)
    late = replace(first, received_at=first.received_at + timedelta(days=1))
    assert told(row_of_days(BASELINE, [late])) == [(SOUND, ("HND-DAY-06",))]


@pytest.mark.parametrize("days", [0, -1, -400, 4_000])
def test_a_package_for_no_day_of_the_row_is_a_stray(days: int) -> None:
    day = SNAPSHOT + timedelta(days=days)
    stray = package("vn.stray", day, "rows", before=BASELINE)
    row = row_of_days(BASELINE, [*chain(1), stray])
    assert row.strays == (stray,)
    assert told(row) == [(SOUND, ())]


def test_a_package_for_a_day_still_to_come_is_a_stray() -> None:
    (first,) = chain(1)
    early = replace(first, received_at=first.received_at - timedelta(days=3))
    assert row_of_days(BASELINE, [early]).strays == (early,)


def test_packages_of_other_deliveries_are_none_of_the_row() -> None:
    (first,) = chain(1)
    foreign = replace(first, declaration=replace(first.declaration, baseline="elsewhere"))
    assert row_of_days(BASELINE, [BASELINE, foreign]).days == ()


def test_a_thousand_days_are_judged_at_once() -> None:
    packages = chain(1_000)
    del packages[500]
    standings = [day.standing for day in row_of_days(BASELINE, packages).days]
    assert standings == [SOUND] * 500 + [MISSING] + [BLOCKED] * 499
