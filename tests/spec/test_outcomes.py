"""From the register's answer to the outcome and the figure of a subject."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.cases import OUTCOMES, Case
from tests.spec.warehouse import query

pytestmark = pytest.mark.xdist_group("spec")  # one warehouse for all of them

COLUMN = {
    "FIG-WITH-ID-CORRECT": "is_with_id_correct",
    "FIG-WITH-ID-WRONG-NO-PERSON": "is_with_id_wrong_no_person",
    "FIG-WITH-ID-WRONG-NAME-DOB": "is_with_id_wrong_name_dob",
    "FIG-WITH-ID-WRONG-DOB": "is_with_id_wrong_dob",
    "FIG-WITH-ID-WRONG-NAME": "is_with_id_wrong_name",
    "FIG-WITH-ID-WRONG-OTHER": "is_with_id_wrong_other",
    "FIG-WITH-ID-PENDING": "is_with_id_pending",
    "FIG-WITHOUT-ID-CORRECT": "is_without_id_correct",
    "FIG-WITHOUT-ID-UNVERIFIED": "is_without_id_unverified",
    "FIG-WITHOUT-ID-PENDING": "is_without_id_pending",
    "FIG-NOT-SENT": "is_not_sent",
}
"""The figures that have no parts: every subject is in exactly one of them."""


@pytest.fixture(scope="session")
def leaves(built: Path) -> dict[int, list[str]]:
    rows = query(built, f"select subject_id, {', '.join(COLUMN.values())} from marts.fct_subjects")
    return {
        subject_id: [figure for figure, is_in in zip(COLUMN, flags, strict=True) if is_in]
        for subject_id, *flags in rows
    }


@pytest.mark.parametrize("case", OUTCOMES, ids=lambda case: case.label)
def test_an_answer_has_the_outcome_and_the_figure_of_the_table(
    case: Case, built: Path, leaves: dict[int, list[str]]
) -> None:
    found = query(built, "select outcome from verification.int_outcomes where subject_id = ?", [case.id])
    assert found == ([(case["outcome"],)] if case["outcome"] else [])
    assert leaves[case.id] == [case["figure"]]


def test_every_subject_is_in_exactly_one_figure_without_parts(leaves: dict[int, list[str]]) -> None:
    assert {len(figures) for figures in leaves.values()} == {1}


def test_each_figure_counts_the_rows_of_its_column(built: Path, leaves: dict[int, list[str]]) -> None:
    counted = dict(query(built, "select figure_id, subjects from report.rpt_figures"))
    for figure in COLUMN:
        assert counted[figure] == sum(figures == [figure] for figures in leaves.values()), figure


def test_no_row_breaks_an_identity_between_figures(built: Path) -> None:
    assert {row[0] for row in query(built, "select breaking_count from marts.fct_identity_breaks")} == {0}


def test_every_combination_of_words_has_a_number_of_its_own(built: Path) -> None:
    ((numbers, combinations, unnumbered),) = query(
        built,
        "select count(distinct evidence), count(*), count(*) filter (where evidence is null)"
        " from verification.int_outcomes__combinations",
    )
    ((names, births, sexes),) = query(
        built,
        "select count(*) filter (where field = 'name'), count(*) filter (where field = 'date_of_birth'),"
        " count(*) filter (where field = 'sex') from seeds.verification_rules",
    )
    kinds, sufficiencies, states, fits, supersessions = 2, 2, 3, 3, 2
    possible = (
        kinds * sufficiencies * states * fits * supersessions * (names + 1) * (births + 1) * (sexes + 1)
    )
    assert (numbers, combinations, unnumbered) == (possible, possible, 0)
