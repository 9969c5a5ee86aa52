"""Quotas: the letter's figures at any scale, with every identity kept."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.synthetic.quotas import (
    CORRECTION,
    PARTS,
    Quota,
    apportion,
    figures,
    group_quotas,
    nation,
    shares,
)
from handover.synthetic.rows import lay_out

SCALES = st.integers(1, 10_000).map(lambda n: n / 10_000) | st.floats(0.0001, 1)


@given(SCALES)
def test_parts_add_up_to_their_whole_at_every_scale(scale: float) -> None:
    counted = figures(scale)
    for whole, parts in PARTS.items():
        assert counted[whole].subjects == sum(counted[part].subjects for part in parts)
        assert counted[whole].doses == sum(counted[part].doses for part in parts)


@given(SCALES)
def test_groups_add_up_to_all_on_the_system(scale: float) -> None:
    whole, groups = figures(scale)["on_system"], group_quotas(scale).values()
    assert whole == Quota(sum(each.subjects for each in groups), sum(each.doses for each in groups))


@given(SCALES)
def test_groups_of_a_leaf_add_up_to_the_leaf(scale: float) -> None:
    counted, groups = figures(scale), group_quotas(scale)
    for leaf in ("with_id_wrong", "not_sent"):
        inside = [groups[group] for group in shares()[leaf]]
        assert counted[leaf] == Quota(sum(q.subjects for q in inside), sum(q.doses for q in inside))


@given(SCALES)
def test_figures_keep_within_two_of_their_exact_share(scale: float) -> None:
    for name, quota in figures(scale).items():
        for measure, count in (("subjects", quota.subjects), ("doses", quota.doses)):
            national = CORRECTION.get((name, measure), nation()["figures"][name][measure])
            assert abs(count - national * Fraction(str(scale))) <= 2


@given(SCALES)
def test_recipes_of_a_group_add_up_to_it_and_every_recipe_occurs(scale: float) -> None:
    quotas = group_quotas(scale)
    laid = lay_out(quotas)
    assert min(recipe.subjects for recipe in laid) >= 1
    for group, quota in quotas.items():
        assert sum(recipe.subjects for recipe in laid if recipe.group == group) == quota.subjects


@pytest.mark.parametrize(
    ("scale", "subjects", "doses"),
    [
        (0.0001, 8_296, 19_867),
        (0.001, 82_958, 198_675),
        (0.01, 829_580, 1_986_749),
        (1, 82_957_967, 198_674_948),
    ],
)
def test_the_whole_has_the_letters_size(scale: float, subjects: int, doses: int) -> None:
    assert figures(scale)["on_system"] == Quota(subjects, doses)


def test_the_nation_has_the_letters_figures_but_for_its_misprint() -> None:
    letter = nation()["figures"]
    differing = {
        name: (letter[name]["subjects"], quota.subjects)
        for name, quota in figures(1).items()
        if quota != Quota(letter[name]["subjects"], letter[name]["doses"])
    }
    assert differing == {"with_id_wrong": (15_963_242, 15_693_242)}


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_apportioning_loses_nothing_and_strays_less_than_one(total: int, weights: list[int]) -> None:
    counts = apportion(total, weights)
    assert sum(counts) == total
    for count, weight in zip(counts, weights, strict=True):
        assert abs(count - Fraction(total * weight, sum(weights))) < 1
