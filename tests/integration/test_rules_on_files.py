"""``tiemchung rules`` on files and homes: values tried against the models, and rule sets compared."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner, Result

from orchestration.cli import app
from orchestration.warehouse.aside import create_raw
from orchestration.warehouse.rules import cleansing_rules, newest_rule_set, rule_set, variables_of

NAMES = """a,b
Nguyễn Văn An,Nguyễn Văn An
Nguyễn Văn An,NGUYỄN VĂN AN
Hoà,Hòa
Huyền,Huyển
Huỳnh,Hùynh
Nguyen Van An,Nguyễn Văn An
"Nguyễn Văn An","  Nguyễn  Văn An"
Ðặng Thị Hoà,ĐẶNG THỊ HÒA
,
"""
IDS = """id_number,date_of_birth,sex,province
001080123456,02/03/1980,Nam,Hà Nội
1080123456,02/03/1980,Nam,001
999080123456,02/03/1980,Nam,Hải Phòng
001180123456,02/03/1981,Nam,Hà Nộii
001.080.123.456,02/03/1980,Nam,
"""
DOSES = """subject,date_of_birth,vaccine,injected_on
A,02/03/1980,AstraZeneca,2021-06-01
A,02/03/1980,AstraZeneca,2021-06-10
B,02/03/2010,Comirnaty,01/07/2021
C,02/03/1980,Sinovac,2020-01-01
,,Comirnaty,không rõ
"""


def tried(kind: str, text: str | bytes, folder: Path, *options: str) -> Result:
    file = folder / "values.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    arguments = ["rules", "try", kind, str(file), "--home", str(folder / "home"), "--json", *options]
    return CliRunner().invoke(app, arguments)


def answers(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)["rows"]
    assert [row.pop("row") for row in rows] == list(range(1, len(rows) + 1))
    return rows


def test_names_are_judged_as_pairs(tmp_path: Path) -> None:
    found = [tuple(row.values()) for row in answers(tried("names", NAMES, tmp_path))]
    assert found == [
        (True, "identical", "equal"),
        (True, "case", "equal"),
        (True, "SUB-NAME-05", "equal"),
        (False, None, "different"),
        (True, "SUB-NAME-05", "equal"),
        (False, None, "name_without_diacritics"),
        (True, "SUB-NAME-02", "equal"),
        (True, "SUB-NAME-04 SUB-NAME-05 case", "equal"),
        (False, None, "missing"),
    ]
    assert not any((tmp_path / "home" / "scratch").iterdir())


def test_numbers_are_classed_with_findings_and_repairs(tmp_path: Path) -> None:
    found = [(row["kind"], row["findings"], row["repair"]) for row in answers(tried("ids", IDS, tmp_path))]
    assert found == [
        ("cccd12", [], None),
        ("malformed", ["SUB-ID-02"], "001080123456"),
        ("cccd12", ["SUB-ID-06"], None),
        ("cccd12", ["SUB-ID-04", "SUB-ID-05", "SUB-PLACE-02"], None),
        ("malformed", ["SUB-ID-03"], "001080123456"),
    ]


def test_doses_are_judged_beside_the_others_of_their_subject(tmp_path: Path) -> None:
    found = [row["findings"] for row in answers(tried("doses", DOSES, tmp_path))]
    assert found == [
        [],
        ["DOSE-GAP-01"],
        ["DOSE-AGE-01"],
        ["DOSE-DATE-01", "DOSE-VAC-01"],
        ["DOSE-DATE-04", "DOSE-SUBJ-01"],
    ]


def test_an_older_rule_set_still_judges_as_it_did(tmp_path: Path) -> None:
    text = "id_number,date_of_birth,sex,province\n123456789,19800302,Nam,001\n"
    assert answers(tried("ids", text, tmp_path, "--rule-set", "1"))[0]["findings"] == ["SUB-DOB-02"]
    assert answers(tried("ids", text, tmp_path, "--rule-set", "2"))[0]["findings"] == [
        "SUB-DOB-07",
        "SUB-ID-10",
    ]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"name\nx\n",
        "a,b\nNguy\u00e3n,x\n".encode("latin-1"),
        b"a,b\n\"open,x\n",
        b"a,b\nx\n",
        b"\x00\x01\x02\xff\xfe",
    ],
    ids=["empty", "other columns", "not UTF-8", "an open quote", "a short row", "no text"],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_in_a_sentence_without_its_values(
    text: bytes, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    result = tried("names", text, tmp_path)
    assert result.exit_code != 0
    assert "a,b" in str(result.exception)
    assert "open" not in str(result.exception)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose raw relations hold three subjects and one dose."""
    folder = tmp_path / "home"
    folder.mkdir()
    with closing(duckdb.connect(folder / "warehouse.duckdb")) as connection:
        create_raw(connection)
        connection.execute("drop table raw.subjects")
        connection.execute(
            "create view raw.subjects as select n::bigint as subject_id, name as full_name, born as date_of_birth,"
            " 'Nam' as sex, number as id_number, null::varchar as id_type, '001' as province_code,"
            " 'Hà Nội' as province_name, null::varchar as district_code, null::varchar as phone,"
            " null::varchar as address, null::varchar as facility_code, timestamptz '2021-08-01' as recorded_at,"
            " null::timestamptz as updated_at, 'd' as _delivery, 't' as _table, n::bigint as _row,"
            " null::date as _increment_on from (values (1, 'Nguyễn Văn An', '001080000001', '02/03/1980'),"
            " (2, 'Ông Nguyễn Văn An', '001080000002', '02/03/1980'),"
            " (3, 'Nguyễn Văn An', '001080000003', '02031980')) t (n, name, number, born)"
        )
        connection.execute("create table raw.scope as select 'd' as package, date '2022-04-05' as as_of")
    return folder


def test_two_rule_sets_differ_in_the_rows_whose_class_changes(home: Path) -> None:
    result = CliRunner().invoke(app, ["rules", "diff", "1", "2", "--home", str(home), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    subjects = told["grains"][0]
    assert (subjects["total"], subjects["changed"], told["is_total_kept"]) == (3, 1, True)
    changed = [flow for flow in subjects["flows"] if flow["old"] != flow["new"]]
    assert changed == [{"old": "cccd12/critical", "new": "cccd12/warning", "rows": 1, "addresses": ["d t 3"]}]
    assert {"rule_id": "SUB-NAME-11", "old": 0, "new": 1} in told["rules"]


def test_a_rule_set_that_is_not_there_is_refused(tmp_path: Path) -> None:
    result = tried("names", "a,b\nx,y\n", tmp_path, "--rule-set", "99")
    assert result.exit_code != 0
    assert "no rule set 99" in str(result.exception)


def test_each_rule_has_one_version_in_each_rule_set_and_versions_follow_each_other() -> None:
    for number in range(1, newest_rule_set() + 1):
        ids = [rule.id for rule in rule_set(number)]
        assert len(ids) == len(set(ids))
    versions: dict[str, list[int]] = {}
    for rule in cleansing_rules():
        versions.setdefault(rule.id, []).append(rule.version)
    assert all(found == list(range(1, len(found) + 1)) for found in versions.values())


def test_the_newest_rule_set_needs_no_older_versions() -> None:
    assert variables_of(newest_rule_set()) == {"rule_set": newest_rule_set(), "rule_versions": {}}
