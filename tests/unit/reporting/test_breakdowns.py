"""What a breakdown leaves out can't be told by its totals, by the figures' tree or by the districts of a province."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orchestration.reporting.breakdowns import Cell, Key, hidden_cells

SMALL = 5
PARENTS = {"sent": "all", "not_sent": "all"}
COUNTRIES = st.dictionaries(
    st.sampled_from(["01", "02", "03", "04"]),
    st.dictionaries(st.sampled_from("abc"), st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1),
    min_size=2,
)
"""Sent and not sent, by province and district."""


def cells_of(country: dict[str, dict[str, tuple[int, int]]]) -> list[Cell]:
    found = []
    for province, districts in country.items():
        places = {f"{province}/{name}": counts for name, counts in districts.items()}
        totals = [sum(counts[n] for counts in districts.values()) for n in (0, 1)]
        for breakdown, values in (("district", places), ("province", {province: tuple(totals)})):
            for value, (sent, not_sent) in values.items():
                counted = {"all": sent + not_sent, "sent": sent, "not_sent": not_sent}
                found += [Cell(breakdown, figure, value, n, n) for figure, n in counted.items() if n]
    return found


def reckoned(cells: list[Cell], hidden: set[Key]) -> set[Key]:
    """What a reader who knows the country's totals finds out by taking shown counts from sums."""
    keys = [(each.breakdown, each.figure, each.value) for each in cells]
    sums: dict[tuple[str, ...], list[Key]] = {}
    for key in keys:
        breakdown, figure, value = key
        sums.setdefault(("country", breakdown, figure), []).append(key)
        sums.setdefault(("figures", breakdown, value), []).append(key)
        sums.setdefault(("province", figure, value.split("/")[0]), []).append(key)
    unknown = set(hidden)
    for _ in keys:
        for bound in sums.values():
            left = [key for key in bound if key in unknown]
            if len(left) == 1 and len(bound) > 1:
                unknown.discard(left[0])
    return set(hidden) - unknown


@given(COUNTRIES)
def test_no_small_count_can_be_reckoned(country: dict[str, dict[str, tuple[int, int]]]) -> None:
    cells = cells_of(country)
    hidden = set(hidden_cells(cells, PARENTS, SMALL))
    small = {(c.breakdown, c.figure, c.value) for c in cells if 0 < (c.subjects or 0) < SMALL}
    assert small <= hidden
    assert not (reckoned(cells, hidden) & small)


def test_the_only_district_of_a_province_does_not_tell_what_the_province_keeps() -> None:
    country = {"01": {"a": (3, 0)}, "02": {"a": (50, 0)}, "03": {"a": (80, 0), "b": (90, 0)}}
    hidden = set(hidden_cells(cells_of(country), PARENTS, SMALL))
    assert ("province", "sent", "02") in hidden
    assert ("district", "sent", "02/a") in hidden
