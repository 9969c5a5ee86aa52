"""Rows in = rows out + rows set aside, exactly: what a comparison of counts would let pass doesn't balance."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from expectations.runner import judge
from expectations.verdict import Verdict

Build = Callable[..., Path]
FactsOf = Callable[[str], Mapping[str, int | str]]


def verdict(warehouse: Path, relation: str, rule_id: str, facts: Mapping[str, int | str]) -> Verdict:
    return next(v for v in judge(warehouse, relation, facts) if v.rule_id == rule_id)


@pytest.mark.parametrize(
    ("relation", "rule_id", "measured"),
    [
        ("staging.stg_vendor__subjects", "STG-COUNT-01", {"arrived": 101, "kept": 101}),
        ("cleansing.int_subjects", "CLN-COUNT-01", {"arrived": 101, "kept": 100, "superseded": 1}),
        ("cleansing.int_doses", "CLN-COUNT-02", {"arrived": 200, "kept": 200, "superseded": 0}),
        ("cleansing.int_vaccines", "CLN-COUNT-04", {"arrived": 3, "kept": 3, "superseded": 0}),
        ("marts.fct_doses", "MART-DOSES-02", {"arrived": 200, "counted": 200, "orphans": 0}),
        ("verification.int_requests", "REQ-COUNT-01", {"arrived": 100, "asked": 98, "held": 1, "waiting": 1}),
    ],
)
def test_a_balance_tells_how_many_rows_stand_on_each_side(
    relation: str, rule_id: str, measured: dict[str, int], build: Build, facts_of: FactsOf
) -> None:
    found = verdict(build(), relation, rule_id, facts_of(relation))
    assert found.is_passed
    assert found.measured == measured | {"breaking": 0}


# As many rows as before, so that a comparison of counts, or of distinct numbers, would pass.
HIDDEN = {
    "a row lost and another doubled on the way to staging": (
        "staging.stg_vendor__subjects",
        "STG-COUNT-01",
        "create or replace view staging.stg_vendor__subjects as from raw.subjects where _row <> 7"
        " union all from raw.subjects where _row = 8",
    ),
    "a row without number lost in cleansing": (
        "cleansing.int_subjects",
        "CLN-COUNT-01",
        "update raw.subjects set subject_id = null where _row = 7;"
        " delete from cleansing.int_subjects where subject_id = 7",
    ),
    "an older row kept, the newer one lost, and the newer one's number made up": (
        "cleansing.int_subjects",
        "CLN-COUNT-01",
        "update cleansing.int_subjects set _row = 999 where subject_id = 1",
    ),
    "a row that came twice in one package counted as replaced": (
        "cleansing.int_doses",
        "CLN-COUNT-02",
        "insert into raw.doses select * replace (201 as _row) from raw.doses where _row = 7",
    ),
    "a dose's row exchanged for another's on the way to the marts": (
        "marts.fct_doses",
        "MART-COUNT-02",
        "update marts.fct_doses set _row = 8 where _row = 7",
    ),
    "an orphan that is not marked": (
        "marts.fct_doses",
        "MART-DOSES-02",
        "update marts.fct_subjects set dose_count = 1 where subject_id = 7",
    ),
    "a row too few in one package and one too many in another": (
        "raw.subjects",
        "RAW-PACKAGE-01",
        "update raw.subjects set _delivery = 'd1.2022-04-06', _row = 2 where _row = 100",
    ),
}


@pytest.mark.parametrize("hidden", HIDDEN)
def test_what_keeps_the_counts_equal_is_found_all_the_same(
    hidden: str, build: Build, facts_of: FactsOf
) -> None:
    relation, rule_id, fault = HIDDEN[hidden]
    found = verdict(build(fault), relation, rule_id, facts_of(relation))
    assert found.is_evaluated
    assert not found.is_passed


def test_a_broken_balance_is_told_with_its_sides(build: Build, facts_of: FactsOf) -> None:
    warehouse = build("delete from cleansing.int_subjects where subject_id = 7")
    found = verdict(warehouse, "cleansing.int_subjects", "CLN-COUNT-01", {})
    assert found.problem == (
        "CLN-COUNT-01 is broken: 1 rows are out of balance (101 arrived, 99 kept, 1 superseded)."
    )
