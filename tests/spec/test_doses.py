"""Doses: what is found in them, by the rules in force on their day."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec.cases import DOSES, MOVED_DOSES, Case
from tests.spec.warehouse import query

pytestmark = pytest.mark.xdist_group("spec")  # one warehouse for all of them


@pytest.fixture(scope="session")
def findings(built: Path) -> dict[int, set[str]]:
    rows = query(built, "select dose_id, list(rule_id) from cleansing.int_dose_findings group by dose_id")
    return {dose_id: set(rules) for dose_id, rules in rows}


@pytest.mark.parametrize("case", DOSES, ids=lambda case: case.label)
def test_a_dose_has_the_findings_of_the_table(case: Case, findings: dict[int, set[str]]) -> None:
    assert findings.get(case.id, set()) == case.rules


@pytest.mark.parametrize("case", MOVED_DOSES, ids=lambda case: case.label)
def test_a_dose_that_moved_to_another_subject_is_found(case: Case, findings: dict[int, set[str]]) -> None:
    assert findings.get(case.id, set()) == case.rules
