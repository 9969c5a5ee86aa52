"""The pipeline earns its figures: they equal the answer key, which nothing but tests reads."""

from typing import Any

import duckdb
import pytest
import yaml

from tests.journey.conftest import Home

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]

# What the answer key calls a row, for each figure that the pipeline computes.
CONDITIONS = {
    "FIG-ON-SYSTEM": "true",
    "FIG-SENT": "expected_is_sent",
    "FIG-NOT-SENT": "not expected_is_sent",
    "FIG-WITH-ID": "expected_is_sent and has_id",
    "FIG-WITHOUT-ID": "expected_is_sent and not has_id",
    "FIG-WITH-ID-CORRECT": "expected_is_sent and has_id and is_correct",
    "FIG-WITH-ID-WRONG": "expected_is_sent and has_id and not is_correct",
    "FIG-WITH-ID-WRONG-NO-PERSON": "expected_is_sent and has_id and outcome = 'no_personal_number'",
    "FIG-WITH-ID-WRONG-NAME-DOB": "expected_is_sent and has_id and outcome = 'name_and_dob_mismatch'",
    "FIG-WITH-ID-WRONG-DOB": "expected_is_sent and has_id and outcome = 'dob_mismatch'",
    "FIG-WITH-ID-WRONG-NAME": "expected_is_sent and has_id and outcome = 'name_mismatch'",
    "FIG-WITH-ID-WRONG-OTHER": "expected_is_sent and has_id and outcome in ('other_mismatch', 'ambiguous')",
    "FIG-WITH-ID-PENDING": "false",
    "FIG-WITHOUT-ID-CORRECT": "expected_is_sent and not has_id and is_correct",
    "FIG-WITHOUT-ID-UNVERIFIED": "expected_is_sent and not has_id and not is_correct",
    "FIG-WITHOUT-ID-PENDING": "false",
}


def truth(home: Home) -> dict[str, tuple[int, int]]:
    key = str(home.country / "answer_key.subjects.parquet")
    counts = ", ".join(
        f"count(*) filter (where {c}), coalesce(sum(doses) filter (where {c}), 0)"
        for c in CONDITIONS.values()
    )
    with duckdb.connect() as connection:
        row = connection.execute(
            f"""
            with key as (
                select
                    *,
                    id_class in ('cccd12', 'cmnd9') as has_id,
                    coalesce(outcome in ('matched', 'matched_superseded'), false) as is_correct
                from read_parquet($key)
                where increment_on is null
            )
            select {counts} from key
            """,
            {"key": key},
        ).fetchone()
    assert row is not None
    return {figure: (row[2 * n], int(row[2 * n + 1])) for n, figure in enumerate(CONDITIONS)}


def figures(home: Home) -> dict[str, dict[str, Any]]:
    return {figure["id"]: figure for figure in home.ask("report")["figures"]}


def test_every_figure_equals_the_answer_key(home: Home) -> None:
    assert {id_: (f["subjects"], f["doses"]) for id_, f in figures(home).items()} == truth(home)


def test_every_outcome_equals_the_answer_key_row_by_row(home: Home) -> None:
    with duckdb.connect(home.path / "warehouse.duckdb", read_only=True) as connection:
        different = connection.execute(
            """
            select key.subject_id, key.outcome, fct.outcome, key.faults
            from read_parquet($key) as key
            full join marts.fct_subjects as fct on key.subject_id = fct.subject_id
            where key.increment_on is null
                and (key.outcome is distinct from fct.outcome or key.id_class is distinct from fct.id_class)
            limit 10
            """,
            {"key": str(home.country / "answer_key.subjects.parquet")},
        ).fetchall()
    assert different == []


def test_parts_add_up_to_their_whole(home: Home) -> None:
    found = figures(home)
    for whole in {figure["part_of"] for figure in found.values()} - {None}:
        parts = [figure for figure in found.values() if figure["part_of"] == whole]
        for measure in ("subjects", "doses"):
            assert sum(part[measure] for part in parts) == found[whole][measure], (whole, measure)


def test_figures_stand_beside_the_letters_and_differ_only_by_its_misprint(home: Home) -> None:
    letter = yaml.safe_load((home.country / "letter.yml").read_text(encoding="utf-8"))["figures"]
    found = figures(home)
    keys = {id_: id_.removeprefix("FIG-").lower().replace("-", "_") for id_ in found}
    stated = {id_: letter[key] for id_, key in keys.items() if key in letter}
    different = {id_ for id_, figure in stated.items() if figure.get("subjects") != found[id_]["subjects"]}
    assert different == {"FIG-WITH-ID-WRONG"}
    assert all(figure["doses"] == found[id_]["doses"] for id_, figure in stated.items())
