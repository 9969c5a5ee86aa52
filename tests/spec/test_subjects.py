"""Subjects: how numbers, dates of birth, sex and places are read, what is found in them, and who was recorded twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.spec.cases import (
    ABSORBED,
    DATES_OF_BIRTH,
    DUPLICATES,
    ID_EVIDENCE,
    ID_NUMBERS,
    PLACES,
    SEXES,
    Case,
)
from tests.spec.warehouse import DELIVERY, query

pytestmark = pytest.mark.xdist_group("spec")  # one warehouse for all of them

OF_EVIDENCE = {"SUB-ID-04", "SUB-ID-05"}
"""What a number says of its bearer: compared in a table of its own."""
WITHOUT_NUMBER = "SUB-ID-01"
"""The subjects of the tables of dates and sexes have no number, so that nothing speaks against them."""


@pytest.fixture(scope="session")
def subjects(built: Path) -> dict[int, dict[str, Any]]:
    columns = [
        "id_class",
        "id_reason",
        "id_repair",
        "date_of_birth_precision",
        "date_of_birth_repair",
        "rule_ids",
        "sex_std",
        "is_held",
    ]
    rows = query(
        built,
        f"select subject_id, {', '.join(columns)}, cast(date_of_birth_std as varchar)"
        " from cleansing.int_subjects",
    )
    return {
        subject_id: dict(zip([*columns, "date_of_birth_std"], rest, strict=True))
        for subject_id, *rest in rows
    }


@pytest.fixture(scope="session")
def findings(built: Path) -> dict[int, set[str]]:
    rows = query(
        built, "select subject_id, list(rule_id) from cleansing.int_subject_findings group by subject_id"
    )
    return {subject_id: set(rules) for subject_id, rules in rows}


@pytest.mark.parametrize("case", ID_NUMBERS, ids=lambda case: case.label)
def test_a_number_has_the_class_reason_and_repair_of_the_table(
    case: Case, subjects: dict[int, dict[str, Any]]
) -> None:
    judged = subjects[case.id]
    assert judged["id_class"] == case["class"]
    assert judged["id_reason"] == (case["reason"] or None)
    assert judged["id_repair"] == (case["repair"] or None)
    found = {rule for rule in judged["rule_ids"].split() if rule.startswith("SUB-ID-")}
    assert found - OF_EVIDENCE == case.rules


@pytest.mark.parametrize("case", DATES_OF_BIRTH, ids=lambda case: case.label)
def test_a_date_of_birth_is_read_as_the_table_says(
    case: Case, subjects: dict[int, dict[str, Any]], findings: dict[int, set[str]]
) -> None:
    judged = subjects[case.id]
    assert judged["date_of_birth_std"] == (case["date"] or None)
    assert judged["date_of_birth_precision"] == (case["precision"] or None)
    assert judged["date_of_birth_repair"] == (case["repair"] or None)
    assert findings[case.id] - {WITHOUT_NUMBER} == case.rules


@pytest.mark.parametrize("case", DATES_OF_BIRTH, ids=lambda case: case.label)
def test_a_subject_is_held_for_a_date_that_is_missing_unreadable_or_in_the_future(
    case: Case, subjects: dict[int, dict[str, Any]]
) -> None:
    assert subjects[case.id]["is_held"] is bool(case.rules & {"SUB-DOB-01", "SUB-DOB-02", "SUB-DOB-03"})


@pytest.mark.parametrize("case", SEXES, ids=lambda case: case.label)
def test_a_sex_is_read_as_the_table_says(
    case: Case, subjects: dict[int, dict[str, Any]], findings: dict[int, set[str]]
) -> None:
    assert subjects[case.id]["sex_std"] == (case["sex"] or None)
    assert findings[case.id] - {WITHOUT_NUMBER} == case.rules


@pytest.mark.parametrize("case", ID_EVIDENCE, ids=lambda case: case.label)
def test_what_a_number_says_of_its_bearer_is_compared_as_the_table_says(
    case: Case, findings: dict[int, set[str]]
) -> None:
    assert findings.get(case.id, set()) == case.rules


@pytest.mark.parametrize("case", PLACES, ids=lambda case: case.label)
def test_a_place_has_the_findings_of_the_table(case: Case, findings: dict[int, set[str]]) -> None:
    assert findings.get(case.id, set()) == case.rules


@pytest.mark.parametrize("case", DUPLICATES, ids=lambda case: case.label)
def test_only_exact_keys_make_a_subject_a_duplicate(case: Case, findings: dict[int, set[str]]) -> None:
    assert findings.get(case.id, set()) == case.rules


@pytest.mark.parametrize("case", ABSORBED, ids=lambda case: case.label)
def test_a_later_row_of_another_person_is_found_with_both_addresses(case: Case, built: Path) -> None:
    found = query(
        built,
        "select rule_id, other_delivery, _delivery from cleansing.int_subject_findings"
        " where subject_id = ? and rule_id like 'SUB-ABS%'",
        [case.id],
    )
    assert found == [(rule, DELIVERY, "vn-test-increment") for rule in case.rules]


def test_who_shares_with_another_is_found_with_the_address_of_another(built: Path) -> None:
    lonely = query(
        built,
        "select rule_id from cleansing.int_subject_findings where (other_row is null)"
        " = (rule_id in (select rule_id from seeds.cleansing_rules where rule_id like 'SUB-DUP-%'"
        " or rule_id in ('SUB-ID-07', 'SUB-ID-11', 'SUB-ABS-01')))",
    )
    itself = query(
        built,
        "select rule_id from cleansing.int_subject_findings"
        " where (other_delivery, other_table, other_row) = (_delivery, _table, _row)",
    )
    assert (lonely, itself) == ([], [])
