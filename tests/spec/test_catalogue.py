"""The catalogue of rules: each is shown at work by a case, and nothing is found that the catalogue does not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.warehouse import query

pytestmark = pytest.mark.xdist_group("spec")  # one warehouse for all of them


@pytest.mark.parametrize(
    ("grain", "findings"), [("subject", "int_subject_findings"), ("dose", "int_dose_findings")]
)
def test_the_rules_of_the_catalogue_are_those_that_find_something_in_the_tables(
    grain: str, findings: str, built: Path
) -> None:
    catalogue = query(built, "select rule_id from seeds.cleansing_rules where grain = ?", [grain])
    found = query(built, f"select distinct rule_id from cleansing.{findings}")
    assert {row[0] for row in found} == {row[0] for row in catalogue}


def test_a_finding_says_the_field_and_the_severity_of_its_rule(built: Path) -> None:
    odd = query(
        built,
        """
        select found.rule_id from cleansing.int_subject_findings as found
        left join seeds.cleansing_rules as rules using (rule_id)
        where (found.field, found.severity) is distinct from (rules.field, rules.severity)
        """,
    )
    assert odd == []


def test_a_repair_is_proposed_and_never_applied(built: Path) -> None:
    rows = query(
        built,
        """
        select subjects.id_number_std, found.proposed_repair from cleansing.int_subject_findings as found
        join cleansing.int_subjects as subjects using (subject_id) where found.rule_id = 'SUB-ID-02'
        """,
    )
    assert ("1080123456", "001080123456") in rows
    assert all(kept != repair for kept, repair in rows)
