"""The models over a delivery and two increments: what replaces what, who is late, what counts, who is who twice."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.spec.warehouse import build, dose, make, query, subject

FIRST_DAY = {"_increment_on": "2022-04-06", "_delivery": "vn-test.2022-04-06"}
SECOND_DAY = {"_increment_on": "2022-04-07", "_delivery": "vn-test.2022-04-07"}
TWIN = {"full_name": "Trần Thị Sen", "sex": "Nữ", "date_of_birth": "09/08/1990"}

SUBJECTS = [
    subject(1),
    subject(2, full_name="Lê Thị Mai", sex="Nữ", id_number="001180000002"),
    subject(2, full_name="Lê Thị Mây", sex="Nữ", id_number="001180000002", **FIRST_DAY),
    subject(2, full_name="Lê Thị Mơ", sex="Nữ", id_number="001180000002", **SECOND_DAY),
    subject(3, recorded_at="2022-04-06T23:59:59+07:00", **FIRST_DAY),
    subject(4, recorded_at="2022-04-07T00:00:00+07:00", **SECOND_DAY),
    subject(5, date_of_birth=""),
    subject(5, **SECOND_DAY),
    subject(6, full_name="Trần Văn Bảo", id_number="123456789"),
    subject(7, full_name="TRẦN VĂN BẢO", id_number=" 123456789"),
    subject(8, full_name="Phạm Văn Cường", id_number="123456789"),
    subject(9, id_number="", phone="0901", **TWIN),
    subject(10, id_number="", phone="0901", **TWIN),
    subject(11, id_number="", phone="0902", **TWIN),
]
DOSES = [
    dose(1, 1),
    dose(2, 2),
    dose(2, 1, dose_number=2, injected_on="2021-10-01", recorded_at="2021-10-01T08:00:00+07:00", **FIRST_DAY),
    dose(3, 4, injected_on="2022-04-06", recorded_at="2022-04-07T08:00:00+07:00", **SECOND_DAY),
    dose(4, 999),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Subject 1 was answered twice, the second time by a clock that had been put back; 3 failed, then matched.

    Subject 2 was answered while it had another name, of another digest.
    """
    answers = [
        _answer(1, "b1", "2022-04-06", name_comparison="different"),
        _answer(1, "b2", "2022-04-05", asking=1),
        _answer(2, "b1", "2022-04-06", content_digest=str(uuid.UUID(int=1))),
        _answer(3, "b1", "2022-04-06", error_code="E1", fitting_count=None),
        _answer(3, "b2", "2022-04-07", asking=1),
    ]
    sent = ("subject_id", "batch_id", "content_digest")
    transfers = [{**{k: answer.get(k) for k in sent}, "batch_state": "answered"} for answer in answers]
    path = tmp_path_factory.mktemp("days") / "warehouse.duckdb"
    tables = {
        "raw.subjects": SUBJECTS,
        "raw.doses": DOSES,
        "ledger.transfers": transfers,
        "ledger.answers": answers,
    }
    make(path, tables)
    build(path, as_of="2022-04-07")
    return path


def _answer(subject_id: int, batch_id: str, day: str, **differences: Any) -> dict[str, Any]:
    return {
        "subject_id": subject_id,
        "batch_id": batch_id,
        "fitting_count": 1,
        "name_comparison": "equal",
        "date_of_birth_comparison": "equal",
        "sex_comparison": "equal",
        "answered_at": f"{day}T22:00:00+07:00",
        **differences,
    }


def test_the_latest_increment_replaces_earlier_rows_of_a_subject(built: Path) -> None:
    rows = query(
        built, "select full_name, _delivery, _row from cleansing.int_subjects__typed where subject_id = 2"
    )
    assert rows == [("Lê Thị Mơ", "vn-test.2022-04-07", 4)]


def test_every_raw_row_stays_in_staging(built: Path) -> None:
    assert query(built, "select count(*) from staging.stg_vendor__subjects") == [(len(SUBJECTS),)]


def test_no_subject_and_no_dose_is_dropped_or_doubled(built: Path) -> None:
    assert query(built, "select list(subject_id order by subject_id) from cleansing.int_subjects") == [
        ([*range(1, 12)],)
    ]
    assert query(built, "select list(dose_id order by dose_id) from cleansing.int_doses") == [([1, 2, 3, 4],)]


def test_a_dose_counts_with_the_subject_it_was_corrected_to_and_an_orphan_with_none(built: Path) -> None:
    counts = query(built, "select subject_id, dose_count from cleansing.int_subjects where dose_count > 0")
    assert sorted(counts) == [(1, 2), (4, 1)]


def test_a_subject_recorded_on_the_day_of_the_report_waits_for_the_next_transfer(built: Path) -> None:
    asked_about = {row[0] for row in query(built, "select subject_id from verification.int_requests")}
    assert 3 in asked_about
    assert 4 not in asked_about


def test_the_province_is_told_only_of_those_who_are_asked_about_without_number(built: Path) -> None:
    """Whoever moves is not asked about again, where the register would compare the same."""
    asked_with = dict(
        query(
            built,
            "select request_kind, list(distinct (ma_tinh, province_code)) from verification.int_requests group by all",
        )
    )
    assert asked_with == {"with_id": [(None, "001")], "without_id": [("001", "001")]}


def test_a_subject_is_no_longer_held_once_it_was_corrected(built: Path) -> None:
    assert query(built, "select is_held from cleansing.int_subjects where subject_id = 5") == [(False,)]


def test_a_number_on_several_subjects_is_found_on_each_of_them(built: Path) -> None:
    assert _subjects_with(built, "SUB-ID-07") == [6, 7, 8]


def test_only_the_same_person_is_found_to_be_recorded_twice(built: Path) -> None:
    assert _subjects_with(built, "SUB-DUP-01") == [6, 7, 9, 10]


def test_the_latest_answer_decides(built: Path) -> None:
    assert _outcome(built, 1) == [("matched", "b2")]
    assert _outcome(built, 3) == [("matched", "b2")]


def test_an_answer_about_content_that_has_changed_does_not_count(built: Path) -> None:
    assert _outcome(built, 2) == []
    assert query(built, "select is_sent from marts.fct_subjects where subject_id = 2") == [(False,)]


@pytest.mark.parametrize("number", ["-1", "null"])
def test_evidence_that_no_combination_knows_has_no_outcome_and_is_not_lost(built: Path, number: str) -> None:
    with closing(duckdb.connect(built)) as connection:
        connection.begin()
        connection.execute(
            f"update verification.int_outcomes__evidence set evidence = {number} where subject_id = 1"
        )
        found = connection.execute(
            "select outcome, batch_id from verification.int_outcomes where subject_id = 1"
        )
        assert found.fetchall() == [(None, "b2")]
        connection.rollback()


@pytest.mark.parametrize("field", ["name", "date_of_birth", "sex"])
def test_a_word_of_the_register_that_is_not_listed_is_no_evidence(built: Path, field: str) -> None:
    model = (
        built.parent / "target/compiled/tiemchung/models/intermediate/verification/int_outcomes__evidence.sql"
    )
    evidence = f"select subject_id, evidence is null from ({model.read_text('utf-8')}) order by subject_id"
    with closing(duckdb.connect(built)) as connection:
        connection.begin()
        assert connection.execute(evidence).fetchall() == [(1, False), (3, False)]
        connection.execute(f"update ledger.answers set {field}_comparison = 'similar' where subject_id = 1")
        assert connection.execute(evidence).fetchall() == [(1, True), (3, False)]
        connection.rollback()


def test_the_figures_count_subjects_and_their_doses(built: Path) -> None:
    figures = {
        row[0]: row[1:] for row in query(built, "select figure_id, subjects, doses from report.rpt_figures")
    }
    assert figures["FIG-ON-SYSTEM"] == (11, 3)
    assert figures["FIG-SENT"] == (2, 2)
    assert figures["FIG-NOT-SENT"] == (9, 1)
    assert figures["FIG-WITH-ID-CORRECT"] == (2, 2)
    assert len(figures) == 16


def test_a_digest_is_the_sum_of_the_keyed_hashes_of_its_rows(built: Path) -> None:
    key = (built.parent / "secrets" / "digest.key").read_text(encoding="ascii")
    rows = query(built, "select _delivery, _table, _row, subject_id from marts.fct_subjects where is_sent")
    hashes = [hashlib.md5("|".join([key, *map(str, row)]).encode()).digest() for row in rows]  # noqa: S324
    halves = [
        sum(int.from_bytes(each[part], "little") for each in hashes) % 2**64
        for part in (slice(8, None), slice(8))
    ]
    digest = query(built, "select row_digest from report.rpt_figures where figure_id = 'FIG-SENT'")
    assert digest == [(f"{halves[0]:016x}{halves[1]:016x}",)]


def _outcome(path: Path, subject_id: int) -> list[tuple[Any, ...]]:
    return query(
        path, "select outcome, batch_id from verification.int_outcomes where subject_id = ?", [subject_id]
    )


def _subjects_with(path: Path, rule_id: str) -> list[int]:
    found = query(path, "select subject_id from cleansing.int_subject_findings where rule_id = ?", [rule_id])
    return sorted(row[0] for row in found)
