"""The models on the raw rows of a synthetic country, against its answer key: classes, figures, and faults found."""

from __future__ import annotations

from pathlib import Path

import pytest

from handover.synthetic.country import make_country
from tests.integration.synthetic_country import (
    ALSO_BY_CHANCE,
    ALSO_RIGHT,
    RULE_OF_DOSE_FAULT,
    RULE_OF_FAULT,
    built_country,
    recall,
)
from tests.spec.warehouse import query


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country") / "made"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder.parent))  # where the vendor's PostgreSQL keeps its locks
        make_country(folder, scale=0.0001, seed=7)
    return folder


@pytest.fixture(scope="module")
def built(country: Path) -> Path:
    return built_country(country)


def test_every_subject_and_dose_of_the_dump_is_there(built: Path) -> None:
    for cleansed, key in (("int_subjects", "key_subjects"), ("int_doses", "key_doses")):
        assert query(built, f"select count(*) from cleansing.{cleansed}") == query(
            built, f"select count(*) from {key}"
        )


@pytest.mark.parametrize(
    ("ours", "truth"),
    [
        ("id_class", "id_class"),
        ("is_sent", "expected_is_sent"),
        ("is_held", "hold_reason is not distinct from 'held'"),
        ("dose_count", "doses"),
        ("case when is_sent then outcome end", "case when expected_is_sent then outcome end"),
    ],
)
def test_each_subject_is_classed_as_the_answer_key_says(ours: str, truth: str, built: Path) -> None:
    wrong = query(
        built,
        f"""
        with ours as (select subject_id, {ours} as value from marts.fct_subjects),
        truth as (select subject_id, {truth} as value from key_subjects)
        select truth.value, ours.value, count(*) from truth left join ours using (subject_id)
        where truth.value is distinct from ours.value group by all
        """,
    )
    assert wrong == []


def test_the_figures_are_those_of_the_answer_key(built: Path) -> None:
    groups = {
        "ON-SYSTEM": "true",
        "SENT": "is_sent",
        "WITH-ID": "is_sent and has_id",
        "WITHOUT-ID": "is_sent and not has_id",
        "WITH-ID-CORRECT": "is_sent and has_id and is_matched",
        "WITH-ID-WRONG": "is_sent and has_id and not is_matched",
        "WITHOUT-ID-CORRECT": "is_sent and not has_id and is_matched",
        "WITHOUT-ID-UNVERIFIED": "is_sent and not has_id and not is_matched",
    }
    counts = [f"count(*) filter (where {g}), sum(doses) filter (where {g})" for g in groups.values()]
    truth = query(
        built,
        f"""
        with classed as (
            select doses, expected_is_sent as is_sent, id_class in ('cccd12', 'cmnd9') as has_id,
                outcome like 'matched%' as is_matched
            from key_subjects
        )
        select {", ".join(counts)} from classed
        """,
    )[0]
    figures = {
        row[0]: row[1:] for row in query(built, "select figure_id, subjects, doses from report.rpt_figures")
    }
    assert [value for group in groups for value in figures[f"FIG-{group}"]] == [*truth]


def test_every_planted_fault_of_a_subject_is_found_by_its_rule(built: Path) -> None:
    assert [row for row in recall(built, "subject", RULE_OF_FAULT) if row[2] != row[3]] == []


def test_every_planted_fault_of_a_dose_is_found_by_its_rule(built: Path) -> None:
    assert [row for row in recall(built, "dose", RULE_OF_DOSE_FAULT) if row[2] != row[3]] == []


def test_names_typed_without_diacritics_are_found_where_the_surname_shows_it(built: Path) -> None:
    """The rule is cautious: surnames whose bare form is a surname of its own (Ly, Ha, Thai…) say nothing."""
    planted, found = query(
        built,
        """
        select count(*) filter (where list_contains(faults, 'name_no_diacritics')),
            count(*) filter (where is_name_without_diacritics and list_contains(faults, 'name_no_diacritics'))
        from key_subjects join cleansing.int_subjects using (subject_id)
        """,
    )[0]
    false = query(
        built,
        "select count(*) from key_subjects join cleansing.int_subjects using (subject_id)"
        " where is_name_without_diacritics and not list_contains(faults, 'name_no_diacritics')",
    )
    assert found >= 0.85 * planted > 0
    assert false == [(0,)]


def test_nothing_else_is_found_in_subjects(built: Path) -> None:
    expected = {rule: {f for f, r in RULE_OF_FAULT.items() if r == rule} for rule in RULE_OF_FAULT.values()}
    rows = query(
        built,
        "select rule_id, faults from cleansing.int_subject_findings join key_subjects using (subject_id)",
    )
    surprising = {
        (rule, *faults)
        for rule, faults in rows
        if rule not in ALSO_BY_CHANCE
        and not set(faults) & expected.get(rule, set())
        and not {(rule, fault) for fault in faults} & ALSO_RIGHT
    }
    assert surprising == set()
