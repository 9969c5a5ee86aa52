"""The adversarial corpora: a person who knows Vietnamese names and papers cannot fool the rules."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from orchestration.settings import Settings
from orchestration.stages.trial import try_names
from tests.spec import corpora, warehouse
from tests.spec.cases import Case
from tests.spec.corpora import DATES_OF_BIRTH, ID_NUMBERS, NAMES_COMPARED, NAMES_JUDGED
from tests.spec.warehouse import query

Judged = dict[str | None, dict[str, Any]]
Findings = dict[int, set[str]]

OF_OTHERS = {"SUB-ID-07", "SUB-ID-11"}
"""Rules on a number that others have too: no matter of the number alone."""


@pytest.fixture(scope="module")
def judging(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse of the corpora alone, so that no other case shares a number with them."""
    path = tmp_path_factory.mktemp("corpora") / "warehouse.duckdb"
    warehouse.make(path, {"raw.subjects": corpora.subjects()})
    warehouse.build(path, "+int_subject_findings", "int_subjects__typed")
    return path


@pytest.fixture(scope="module")
def names(judging: Path) -> Judged:
    columns = ("full_name_std", "name_key", "is_name_without_diacritics", "full_name_repair", "rule_ids")
    return _by_first(judging, "int_names", ("full_name", *columns))


@pytest.fixture(scope="module")
def numbers(judging: Path) -> Judged:
    return _by_first(judging, "int_subjects__typed", ("id_number", "id_class", "id_reason", "id_repair"))


@pytest.fixture(scope="module")
def dates(judging: Path) -> Judged:
    read = "cast(date_of_birth_std as varchar) as date"
    columns = ("date_of_birth", read, "date_of_birth_precision", "date_of_birth_repair")
    return _by_first(judging, "int_dates_of_birth", columns)


@pytest.fixture(scope="module")
def findings(judging: Path) -> Findings:
    sql = "select subject_id, list(rule_id) from cleansing.int_subject_findings group by subject_id"
    return {subject_id: set(rules) for subject_id, rules in query(judging, sql)}


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, object]]:
    """What ``tiemchung rules try names`` says of every pair."""
    home = tmp_path_factory.mktemp("home")
    file = home / "pairs.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, quoting=csv.QUOTE_ALL)
        writer.writerow(("a", "b"))
        writer.writerows((case["a"], case["b"]) for case in NAMES_COMPARED)
    answers = try_names(file, Settings.from_environ({"TIEMCHUNG_HOME": str(home)}))
    return {case.id: answer for case, answer in zip(NAMES_COMPARED, answers, strict=True)}


def _by_first(path: Path, model: str, columns: tuple[str, ...]) -> Judged:
    rows = query(path, f"select {', '.join(columns)} from cleansing.{model}")
    names = [column.split()[-1] for column in columns[1:]]
    return {value: dict(zip(names, rest, strict=True)) for value, *rest in rows}


def _found(findings: Findings, case: Case, aspect: str) -> set[str]:
    return {rule for rule in findings.get(case.id, set()) - OF_OTHERS if rule.startswith(f"SUB-{aspect}-")}


def test_the_corpora_are_as_large_as_was_asked_for() -> None:
    assert len(NAMES_COMPARED) + len(NAMES_JUDGED) >= 300
    assert len(NAMES_COMPARED) >= 200
    assert len(NAMES_JUDGED) >= 150
    assert len(ID_NUMBERS) >= 200
    assert len(DATES_OF_BIRTH) >= 60


@pytest.mark.parametrize("corpus", [NAMES_COMPARED, NAMES_JUDGED, ID_NUMBERS])
def test_every_case_says_why_and_whence(corpus: tuple[Case, ...]) -> None:
    assert [case.label for case in corpus if not (case["why"] and case["source"])] == []


def test_every_published_failure_is_in_the_corpora() -> None:
    sources = {case["source"] for corpus in (NAMES_COMPARED, ID_NUMBERS) for case in corpus}
    published = {source for source in sources if source.startswith("published failure: ")}
    for word in ("hùynh", "a match", "999"):
        assert any(word in source for source in published), word


@pytest.mark.parametrize("case", NAMES_COMPARED, ids=lambda case: case.label)
def test_two_names_are_equal_exactly_when_the_corpus_says(case: Case, names: Judged) -> None:
    a, b = names[case["a"]], names[case["b"]]
    assert (a["name_key"] == b["name_key"]) is (case["equal"] == "yes")
    assert (a["full_name_std"] == b["full_name_std"]) is (case["equal"] == "yes")


@pytest.mark.parametrize("case", NAMES_COMPARED, ids=lambda case: case.label)
def test_two_names_have_the_class_of_the_corpus_and_the_rules_that_make_them_equal(
    case: Case, tried: dict[int, dict[str, object]]
) -> None:
    said = tried[case.id]
    assert (said["equal"], said["class"]) == (case["equal"] == "yes", case["class"])
    assert said["equal_by"] == (case["equal_by"] or None)


@pytest.mark.parametrize("case", NAMES_JUDGED, ids=lambda case: case.label)
def test_a_name_is_judged_as_the_corpus_says(case: Case, names: Judged) -> None:
    judged = names[case["typed"]]
    assert set(judged["rule_ids"].split()) == case.rules
    assert judged["full_name_std"] == (case["standard"] or None)
    assert judged["full_name_repair"] == (case["repair"] or None)
    assert judged["is_name_without_diacritics"] is ("SUB-NAME-07" in case.rules)


@pytest.mark.parametrize("case", ID_NUMBERS, ids=lambda case: case.label)
def test_a_number_is_judged_as_the_corpus_says(case: Case, numbers: Judged, findings: Findings) -> None:
    judged = numbers[case["typed"]]
    assert judged["id_class"] == case["kind"]
    assert judged["id_reason"] == (case["reason"] or None)
    assert judged["id_repair"] == (case["repair"] or None)
    assert _found(findings, case, "ID") == case.rules


@pytest.mark.parametrize("case", DATES_OF_BIRTH, ids=lambda case: case.label)
def test_a_date_of_birth_is_judged_as_the_corpus_says(case: Case, dates: Judged, findings: Findings) -> None:
    judged = dates[case["typed"]]
    assert judged["date"] == (case["date"] or None)
    assert judged["date_of_birth_precision"] == (case["precision"] or None)
    assert judged["date_of_birth_repair"] == (case["repair"] or None)
    assert _found(findings, case, "DOB") == case.rules
