"""What judging leaves behind: a closed file, no personal data, nothing sent, and a verdict for every rule."""

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest

from expectations import catalogue
from expectations.errors import UnknownRelation
from expectations.runner import judge

Build = Callable[..., Path]
FactsOf = Callable[[str], Mapping[str, int | str]]

SENTINELS = ("Trần Thị Lộ Diện", "1190123456", "123456789", "0912345678", "1990-11-29", "LỘ")
# Sentinels where they break rules: as texts, as numbers and as times.
SPOILED = """
update raw.subjects set full_name = 'Trần Thị Lộ Diện';
update raw.subjects set subject_id = 1190123456;
update raw.doses set dose_id = 123456789;
update raw.facilities set facility_code = 'LỘ';
update raw.vaccines set vaccine_code = '0912345678';
update raw.sync_log set synced_on = date '1990-11-29', dose_count = -1190123456;
create or replace view staging.stg_vendor__facilities as select * replace (null as facility_code) from raw.facilities;
create or replace view staging.stg_vendor__vaccines as select * replace (null as vaccine_code) from raw.vaccines;
update cleansing.int_dose_findings set severity = 'Trần Thị Lộ Diện', rule_id = '0912345678';
update cleansing.int_facility_findings set severity = 'Trần Thị Lộ Diện', rule_id = '0912345678';
insert into cleansing.int_facilities (facility_code, rule_ids) values ('LỘ', null);
update cleansing.int_vaccines set vaccine_code = '0912345678';
update raw.subjects set recorded_at = timestamptz '1990-11-29 00:00:00+07';
update raw.doses set recorded_at = timestamptz '2990-11-29 00:00:00+07';
update cleansing.int_subjects set id_class = '001190123456';
update cleansing.int_doses set dose_id = 123456789;
update cleansing.int_subject_findings set severity = 'Trần Thị Lộ Diện';
update cleansing.int_subject_findings set rule_id = '0912345678';
update verification.int_requests set gioi_tinh = 'Trần Thị Lộ Diện';
update verification.int_requests set so_dinh_danh = '001190123456 ';
update verification.int_requests set request_kind = '0912345678';
update verification.int_outcomes set outcome = 'Trần Thị Lộ Diện';
update marts.fct_subjects set subject_id = 123456789;
update marts.fct_doses set dose_id = 123456789;
update marts.fct_identity_breaks set measure = 'Trần Thị Lộ Diện';
update report.rpt_figures set figure_id = 'Trần Thị Lộ Diện';
"""
UNREADABLE = """
create view the_relation as select cast('Trần Thị Lộ Diện' || i as bigint) as subject_id,
    cast('001190123456' || i || 'x' as bigint) as dose_id from range(3) as t(i)
"""
KEYED_BY_NUMBER = {
    "raw.subjects", "raw.doses", "staging.stg_vendor__subjects", "staging.stg_vendor__doses",
    "cleansing.int_subjects", "cleansing.int_doses", "verification.int_requests", "verification.int_outcomes",
    "marts.fct_subjects", "marts.fct_doses",
}  # fmt: skip
BEHIND_A_VIEW = """
copy raw.facilities to 'the_file'; drop table raw.facilities;
create view raw.facilities as select * from read_parquet('the_file')
"""
WRITE_FROM_ELSEWHERE = (
    "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('create table raw.later as select 1')"
)


def test_another_process_can_write_as_soon_as_a_relation_was_judged(build: Build, facts_of: FactsOf) -> None:
    warehouse = build()
    judge(warehouse, "raw.subjects", facts_of("raw.subjects"))
    subprocess.run([sys.executable, "-c", WRITE_FROM_ELSEWHERE, str(warehouse)], check=True, timeout=60)


@pytest.mark.parametrize("fault", ["", "drop table raw.subjects cascade"])
def test_this_process_can_open_the_file_with_other_settings_afterwards(
    fault: str, build: Build, facts_of: FactsOf
) -> None:
    warehouse = build(fault)
    judge(warehouse, "raw.subjects", facts_of("raw.subjects"), memory_limit="500MB")
    with duckdb.connect(warehouse, config={"threads": 1}) as connection:
        connection.execute("create table raw.later as select 1")
    judge(warehouse, "raw.subjects", facts_of("raw.subjects"))


def test_judging_changes_no_byte_of_the_warehouse(build: Build, facts_of: FactsOf) -> None:
    warehouse = build()
    before = warehouse.read_bytes()
    for relation in catalogue.suites():
        judge(warehouse, relation, facts_of(relation))
    assert warehouse.read_bytes() == before
    assert [path.name for path in warehouse.parent.iterdir()] == [warehouse.name]


def test_judging_writes_nothing_into_the_working_directory(
    build: Build, facts_of: FactsOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse = build()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    judge(warehouse, "raw.subjects", facts_of("raw.subjects"))
    assert list(elsewhere.iterdir()) == []


def test_judging_opens_no_socket(build: Build, facts_of: FactsOf, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a socket was to be connected")

    warehouse = build()
    monkeypatch.setattr("socket.socket.connect", refuse)
    verdicts = judge(warehouse, "raw.subjects", facts_of("raw.subjects"))
    assert all(v.is_passed for v in verdicts)


def test_judging_prints_nothing(build: Build, facts_of: FactsOf, capfd: pytest.CaptureFixture[str]) -> None:
    judge(build("drop table raw.subjects cascade"), "raw.subjects", facts_of("raw.subjects"))
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


@pytest.mark.parametrize("relation", catalogue.suites())
def test_neither_a_verdict_nor_great_expectations_holds_a_value_from_the_data(
    relation: str, build: Build, facts_of: FactsOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from expectations import pushdown

    told: list[str] = []
    keep = pushdown._result
    monkeypatch.setattr(pushdown, "_result", lambda found: (told.append(str(found.result)), keep(found))[1])
    verdicts = judge(build(SPOILED), relation, facts_of(relation))
    assert any(v.is_evaluated and not v.is_passed for v in verdicts)
    assert len(told) == len(verdicts)
    assert [value for value in SENTINELS if value in repr(verdicts) + repr(told)] == []
    assert all(type(count) is int for v in verdicts for count in v.measured.values())


@pytest.mark.parametrize("relation", catalogue.suites())
def test_an_error_that_quotes_a_cell_is_not_repeated(relation: str, build: Build, facts_of: FactsOf) -> None:
    warehouse = build(f"{drop(relation)}; {UNREADABLE.replace('the_relation', relation)}")
    verdicts = judge(warehouse, relation, facts_of(relation))
    assert len(verdicts) == len(catalogue.suites()[relation])
    own = [v for v in verdicts if "KEY" in v.rule_id and relation in KEYED_BY_NUMBER]
    assert [v.rule_id for v in own if v.is_passed] == []
    assert [value for value in SENTINELS if value in repr(verdicts)] == []


@pytest.mark.parametrize("relation", catalogue.suites())
def test_an_absent_relation_leaves_every_rule_of_it_unevaluated(
    relation: str, build: Build, facts_of: FactsOf
) -> None:
    verdicts = judge(build(drop(relation)), relation, facts_of(relation))
    own = [v for v in verdicts if v.rule_id != "MART-PRIVACY-01"]  # asks the list of columns, of all marts
    assert [v.rule_id for v in own if v.is_evaluated or v.is_passed or not v.problem or v.measured] == []
    assert len(verdicts) == len(catalogue.suites()[relation])


def test_an_absent_column_leaves_its_rule_unevaluated_and_judges_the_others(
    build: Build, facts_of: FactsOf
) -> None:
    warehouse = build("alter table verification.int_requests drop column gioi_tinh")
    verdicts = {v.rule_id: v for v in judge(warehouse, "verification.int_requests", facts_of(""))}
    assert [id_ for id_, v in verdicts.items() if not v.is_evaluated] == ["REQ-SEX-01"]
    assert [id_ for id_, v in verdicts.items() if not v.is_passed] == ["REQ-SEX-01"]


def test_an_absent_warehouse_leaves_every_rule_unevaluated_and_is_not_created(tmp_path: Path) -> None:
    verdicts = judge(tmp_path / "none.duckdb", "marts.fct_doses", {})
    assert [(v.is_evaluated, v.is_passed) for v in verdicts] == [(False, False)] * len(verdicts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no database" * 1000])
def test_a_file_that_is_no_warehouse_leaves_every_rule_unevaluated(content: bytes, tmp_path: Path) -> None:
    broken = tmp_path / "warehouse.duckdb"
    broken.write_bytes(content)
    verdicts = judge(broken, "marts.fct_doses", {})
    assert {(v.is_evaluated, v.is_passed) for v in verdicts} == {(False, False)}


def test_a_warehouse_another_process_writes_leaves_every_rule_unevaluated(
    build: Build, facts_of: FactsOf
) -> None:
    warehouse = build()
    hold = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout
        writer.stdout.readline()
        verdicts = judge(warehouse, "marts.fct_doses", facts_of("marts.fct_doses"))
        writer.communicate(timeout=60)
    assert {(v.is_evaluated, v.is_passed) for v in verdicts} == {(False, False)}
    assert all(v.is_passed for v in judge(warehouse, "marts.fct_doses", facts_of("marts.fct_doses")))


@pytest.mark.parametrize(
    ("facts", "unevaluated"),
    [
        ({"as_of": "2022-04-06"}, []),
        ({}, ["STG-TIME-02"]),
        ({"as_of": "6/4/2022"}, ["STG-TIME-02"]),
        ({"as_of": 20220406}, ["STG-TIME-02"]),
    ],
)
def test_a_missing_fact_leaves_its_rule_unevaluated(
    facts: Mapping[str, int | str], unevaluated: list[str], build: Build
) -> None:
    verdicts = judge(build(), "staging.stg_vendor__subjects", facts)
    assert [v.rule_id for v in verdicts if not v.is_evaluated] == unevaluated
    assert [v.rule_id for v in verdicts if not v.is_passed] == unevaluated


def test_a_broken_rule_says_how_many_rows_break_it(build: Build, facts_of: FactsOf) -> None:
    warehouse = build("update cleansing.int_subjects set is_held = true where subject_id <= 9")
    verdicts = {v.rule_id: v for v in judge(warehouse, "cleansing.int_subjects", {})}
    assert verdicts["CLN-HELD-04"].measured == {"rows": 100, "breaking": 10, "missing": 0}
    assert (
        verdicts["CLN-HELD-04"].problem
        == "CLN-HELD-04 is broken: 10 of 100 rows break it, at most 5.00% may."
    )
    assert verdicts["CLN-HELD-02"].measured == {"breaking": 9}
    assert verdicts["CLN-HELD-02"].problem == "CLN-HELD-02 is broken: 9 breaches were counted, none may be."


def test_a_wrong_number_of_rows_is_told_beside_the_expected_one(build: Build) -> None:
    verdict = judge(build(), "raw.facilities", {"declared_rows": 4})[0]
    assert verdict.measured == {"rows": 3, "expected": 4}
    assert verdict.problem == "RAW-COUNT-03 is broken: there are 3 rows where 4 were expected."


def test_rows_in_parquet_behind_a_view_are_judged(build: Build, facts_of: FactsOf, tmp_path: Path) -> None:
    file = tmp_path / "facilities.parquet"
    warehouse = build(BEHIND_A_VIEW.replace("the_file", str(file)))
    assert all(v.is_passed for v in judge(warehouse, "raw.facilities", facts_of("raw.facilities")))


@pytest.mark.parametrize("folder", ["kho dữ liệu", "a$HOME b", "50%25?x=y#z"])
def test_the_warehouse_may_lie_under_any_path(folder: str, build: Build, facts_of: FactsOf) -> None:
    warehouse = build(folder=folder)
    assert all(v.is_passed for v in judge(warehouse, "raw.facilities", facts_of("raw.facilities")))


def test_an_empty_relation_passes_no_rule_about_its_number_of_rows(build: Build, facts_of: FactsOf) -> None:
    warehouse = build(
        "delete from marts.fct_subjects; delete from raw.subjects; delete from report.rpt_figures"
    )
    broken = {
        verdict.rule_id
        for relation in ("raw.subjects", "marts.fct_subjects", "report.rpt_figures")
        for verdict in judge(warehouse, relation, facts_of(relation))
        if verdict.is_evaluated and not verdict.is_passed
    }
    assert {"RAW-COUNT-01", "MART-COUNT-01", "RPT-FIGURE-01", "RPT-COUNT-02"} <= broken


def test_a_relation_without_a_suite_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(UnknownRelation, match=r"add expectations/suites/nothing\.py"):
        judge(tmp_path / "any.duckdb", "raw.nothing", {})


def drop(relation: str) -> str:
    kind = "view" if relation.startswith("staging.") else "table"
    return f"drop {kind} {relation} cascade"
