"""Names: which are equal, what their standard spelling is, and what is found in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.spec.cases import NAMES_COMPARED, NAMES_STANDARDISED, Case
from tests.spec.warehouse import query

pytestmark = pytest.mark.xdist_group("spec")  # one warehouse for all of them

JUDGED = (
    "select full_name, name_key, full_name_std, is_name_without_diacritics, rule_ids from cleansing.int_names"
)


@dataclass(frozen=True)
class Judgement:
    key: str | None
    standard: str | None
    is_without_diacritics: bool
    rule_ids: str


@pytest.fixture(scope="session")
def names(built: Path) -> dict[str, Judgement]:
    return {name: Judgement(*rest) for name, *rest in query(built, JUDGED)}


@pytest.mark.parametrize("case", NAMES_COMPARED, ids=lambda case: case.label)
def test_names_are_equal_exactly_when_the_table_says(case: Case, names: dict[str, Judgement]) -> None:
    a, b = names[case["a"]], names[case["b"]]
    assert (a.key == b.key) is (case["equal"] == "yes")
    assert (a.standard == b.standard) is (case["equal"] == "yes")


@pytest.mark.parametrize("case", NAMES_STANDARDISED, ids=lambda case: case.label)
def test_a_name_has_the_standard_spelling_and_the_findings_of_the_table(
    case: Case, names: dict[str, Judgement]
) -> None:
    judged = names[case["typed"]]
    assert judged.standard == (case["standard"] or None)
    assert set(judged.rule_ids.split()) == case.rules
    assert judged.is_without_diacritics is (case["is_without_diacritics"] == "yes")


@pytest.mark.parametrize("case", NAMES_STANDARDISED, ids=lambda case: case.label)
def test_standardising_twice_changes_nothing(case: Case, names: dict[str, Judgement]) -> None:
    assert names[case["standard"]].standard == (case["standard"] or None)
