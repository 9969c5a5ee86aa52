"""From a row to the figures and back, on a real home; nothing personal is shown without an officer and a reason."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.lineage.membership import RowUnknown
from orchestration.lineage.rows import BREAKDOWNS, Address
from orchestration.lineage.trace import TraceError
from orchestration.settings import Settings
from orchestration.stages.tracing import ACCESS_LOG, Disclosure, trace_of, where_of
from orchestration.verbs.trace import trace
from tests.journey.conftest import TIEMCHUNG, Home, tiemchung

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def installation(home: Home) -> Installation:
    return Installation(Settings.from_environ({"TIEMCHUNG_HOME": str(home.path)}))


def ask(installation: Installation, query: str) -> list[dict[str, Any]]:
    with installation.warehouse.connect() as connection:
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def subjects(installation: Installation) -> list[dict[str, Any]]:
    """Some subjects of every outcome, with their figures' columns."""
    return ask(
        installation,
        "select * from marts.fct_subjects qualify row_number() over (partition by outcome, is_held order by _row) <= 2",
    )


def test_a_row_is_in_exactly_the_figures_whose_column_says_so(
    installation: Installation, subjects: list[dict[str, Any]]
) -> None:
    assert len(subjects) > 15
    for row in subjects:
        found = where_of(installation, row["subject_id"])
        held = {figure["id"] for figure in found["figures"] if figure["holds"]}
        columns = trace_columns(installation)
        assert held == {id_ for id_, column in columns.items() if row[column]}, row["outcome"]
        for figure in found["figures"]:
            assert (figure["fails"] is None) == figure["holds"] == figure["subject_holds"]
        assert found["replaced"] is None
        assert found["address"] == found["counted_by"] == address_of(row)
        assert all(station["is_there"] for station in found["stations"])


def trace_columns(installation: Installation) -> dict[str, str]:
    manifest = json.loads((installation.dbt_target / "manifest.json").read_text())
    columns = manifest["nodes"]["model.tiemchung.fct_subjects"]["columns"]
    return {
        column["config"]["meta"]["figure"]["id"]: name
        for name, column in columns.items()
        if "figure" in column["config"]["meta"]
    }


def address_of(row: dict[str, Any]) -> dict[str, Any]:
    return {"delivery": row["_delivery"], "table": row["_table"], "row": row["_row"]}


def test_the_first_condition_a_row_fails_is_named_with_what_it_read(
    installation: Installation, subjects: list[dict[str, Any]]
) -> None:
    wrong_dob = next(row for row in subjects if row["is_with_id_wrong_dob"])
    found = {each["id"]: each for each in where_of(installation, wrong_dob["subject_id"])["figures"]}
    assert found["FIG-NOT-SENT"]["fails"] == "NOT is_sent"
    assert found["FIG-NOT-SENT"]["values"] == {"is_sent": True}
    assert found["FIG-WITH-ID-WRONG-NAME"]["fails"] == "wrong_reason = 'name'"
    assert found["FIG-WITH-ID-WRONG-NAME"]["values"] == {"wrong_reason": "dob"}


def test_a_subject_that_was_held_back_tells_the_findings_that_hold_it(installation: Installation) -> None:
    (held,) = ask(
        installation, "select subject_id from marts.fct_subjects where is_held order by all limit 1"
    )
    found = where_of(installation, held["subject_id"])
    assert not {each["id"]: each["holds"] for each in found["figures"]}["FIG-SENT"]
    assert found["history"]["is_held"]
    assert "critical" in {each["severity"] for each in found["history"]["findings"]}


def test_a_dose_is_in_the_figures_of_its_subject(installation: Installation) -> None:
    (dose,) = ask(
        installation,
        "select d.*, s._row as subject_row from marts.fct_doses d join marts.fct_subjects s using (subject_id)"
        " where s.is_with_id_correct order by d._row limit 1",
    )
    found = where_of(installation, Address(dose["_delivery"], dose["_table"], dose["_row"]))
    assert (found["grain"], found["subject_id"]) == ("dose", dose["subject_id"])
    assert found["counted_by"]["row"] == dose["subject_row"]
    assert {each["id"]: each["holds"] for each in found["figures"]}["FIG-WITH-ID-CORRECT"]


def test_sealed_reports_with_the_same_rows_hold_the_row_and_others_say_nothing(
    installation: Installation, subjects: list[dict[str, Any]]
) -> None:
    row = next(each for each in subjects if each["is_with_id_correct"])
    (report,) = where_of(installation, row["subject_id"])["reports"]
    assert report["figures"]["FIG-WITH-ID-CORRECT"] is True
    assert report["figures"]["FIG-WITHOUT-ID"] is False
    assert None not in report["figures"].values()


@pytest.mark.parametrize(
    "wanted", [0, 10**17, Address("x", "tiemchung.doi_tuong", 1), Address("x'--", "y", 1)]
)
def test_a_row_that_is_not_there_is_said_so(installation: Installation, wanted: int | Address) -> None:
    with pytest.raises(RowUnknown, match="No row"):
        where_of(installation, wanted)


def test_parts_of_a_figure_add_up_to_it(installation: Installation) -> None:
    provinces = ask(
        installation, "select distinct coalesce(province_code, '') as code from marts.fct_subjects"
    )
    parts = [
        trace_of(installation, "FIG-WITH-ID-WRONG", 0, {"province_code": each["code"]})["rows"]
        for each in provinces[:3]
    ]
    counted = ask(
        installation,
        "select coalesce(province_code, '') as code, count(*) as n, sum(dose_count)::bigint as doses"
        " from marts.fct_subjects where is_with_id_wrong group by all",
    )
    truth = {each["code"]: (each["n"], each["doses"]) for each in counted}
    assert [(each["count"], each["doses"]) for each in parts] == [
        truth.get(each["code"], (0, 0)) for each in provinces[:3]
    ]
    assert {each["is_as_counted"] for each in parts} == {None}


def test_rows_are_narrowed_by_known_columns_and_values_only_as_text(installation: Installation) -> None:
    with pytest.raises(TraceError, match="province_code"):
        trace_of(installation, "FIG-SENT", 0, {"full_name": "x"})
    hostile = trace_of(installation, "FIG-SENT", 5, dict.fromkeys(BREAKDOWNS, "' or true --"))
    assert (hostile["rows"]["count"], hostile["sample"]) == (0, [])


def test_a_sampled_row_tells_its_dump_rules_answer_and_request(installation: Installation) -> None:
    traced = trace_of(installation, "FIG-WITH-ID-WRONG-DOB", 3)
    assert traced["gates"]
    assert {each["state"] for each in traced["gates"]} == {"passed"}
    judged = {each["rule_id"]: each for each in traced["gates"]}
    assert (judged["MART-KEY-01"]["rows"], judged["MART-KEY-01"]["breaking"]) == (
        trace_of(installation, "FIG-ON-SYSTEM", 0)["rows"]["count"],
        0,
    )
    for row in traced["sample"]:
        assert row["source"]["manifest_line"] == f"{row['source']['sha256']}  data/database/support.dump"
        assert row["outcome"]["outcome"] == "dob_mismatch"
        (answer,) = row["answers"]
        assert answer["is_of_present_content"]
        assert answer["date_of_birth_comparison"] == "different"
        assert len(answer["request_ids"][0]) == 40


@pytest.fixture(scope="module")
def secrets(installation: Installation) -> set[str]:
    return {
        str(value)
        for row in ask(installation, "select full_name, id_number, phone, date_of_birth from raw.subjects")
        for value in row.values()
        if value and len(str(value)) > 6 and value != "không có"  # which rules say, too
    }


def test_nothing_personal_is_told_unless_it_is_asked_for_by_name_and_reason(
    installation: Installation, secrets: set[str], subjects: list[dict[str, Any]], tmp_path: Path
) -> None:
    told = json.dumps(
        [where_of(installation, row["subject_id"]) for row in subjects[:5]]
        + [trace_of(installation, "FIG-WITH-ID-WRONG-DOB", 5)],
        ensure_ascii=False,
    )
    assert not [secret for secret in secrets if secret in told]
    log = installation.settings.home / ACCESS_LOG
    before = log.read_text("utf-8").splitlines() if log.exists() else []
    shown = trace_of(installation, "FIG-SENT", 2, None, Disclosure("CB01", "đối chiếu"), NOW)
    assert {row["clear"]["full_name"] for row in shown["sample"]} <= secrets
    (line,) = [json.loads(line) for line in log.read_text("utf-8").splitlines()[len(before) :]]
    assert (line["officer"], line["reason"], len(line["rows"])) == ("CB01", "đối chiếu", 2)
    assert not [secret for secret in secrets if secret in json.dumps(line, ensure_ascii=False)]
    assert log.stat().st_mode & 0o077 == 0


def test_where_nothing_can_be_logged_nothing_is_shown(installation: Installation, tmp_path: Path) -> None:
    for disclosure in (Disclosure("", "x"), Disclosure("CB01", " ")):
        with pytest.raises(UsageError, match="named officer"):
            trace_of(installation, "FIG-SENT", 1, None, disclosure, NOW)
    home = tmp_path / "home"
    home.mkdir()
    (home / ACCESS_LOG).mkdir()
    for part in ("warehouse.duckdb", "vault", "lake", "dbt", "secrets", "reports", "ledger", "ledger.sqlite"):
        (home / part).symlink_to(installation.settings.home / part)
    broken = Installation(replace(installation.settings, home=home))
    with pytest.raises(UsageError, match="nothing is shown"):
        trace_of(broken, "FIG-SENT", 1, None, Disclosure("CB01", "đối chiếu"), NOW)
    (home / ACCESS_LOG).rmdir()
    (home / ACCESS_LOG).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="nothing is shown"):
        trace_of(broken, "FIG-SENT", 1, None, Disclosure("CB01", "đối chiếu"), NOW)
    assert not (tmp_path / "elsewhere").exists()


def test_the_verbs_say_what_is_wrong_with_their_words(home: Home) -> None:
    for words in (
        ("where", "1;drop table"),
        ("where", "x/y"),
        ("where", "999999999"),
        ("trace", "FIG-SENT", "--where", "province_code"),
        ("trace", "FIG-SENT", "--where", "1=1 or x=2"),
        ("trace", "FIG-SENT", "--reveal"),
        ("trace", "FIG-NONE"),
    ):
        assert tiemchung(*words, "--home", home.path).returncode == 2, words
    found = home.ask("where", "5")
    assert found["subject_id"] == 5
    done = tiemchung("where", "5", "--home", home.path)
    assert "FIG-ON-SYSTEM" in done.stdout


def test_two_traces_at_once_beside_a_run_answer_from_the_snapshot(home: Home) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("TIEMCHUNG_", "DAGSTER_"))}
    with duckdb.connect(home.path / "warehouse.duckdb"):
        words = (("trace", "FIG-SENT"), ("where", "5"))
        both = [
            subprocess.Popen(
                [TIEMCHUNG, *each, "--home", home.path, "--json"], stdout=subprocess.PIPE, env=clean
            )
            for each in words
        ]
        traced, found = (json.loads(each.communicate()[0]) for each in both)
        done = tiemchung("where", "5", "--live", "--home", home.path)
    assert traced["rows"]["is_as_sealed"]
    assert found["subject_id"] == 5
    assert done.returncode == 2
    assert "wait until its run has ended" in done.stderr


def test_rows_that_are_not_those_that_were_sealed_end_a_trace_with_no(home: Home, tmp_path: Path) -> None:
    for part in ("vault", "lake", "dbt", "secrets", "reports", "ledger", "ledger.sqlite"):
        (tmp_path / part).symlink_to(home.path / part)
    shutil.copyfile(home.path / "published.duckdb", tmp_path / "published.duckdb")
    with duckdb.connect(tmp_path / "published.duckdb") as connection:
        connection.execute("update marts.fct_subjects set is_sent = not is_sent where rowid = 0")
    done = tiemchung("trace", "FIG-SENT", "--home", tmp_path)
    assert done.returncode == 1
    assert "khớp với báo cáo · as sealed: KHÔNG · NO" in done.stdout
    changed = Installation(Settings.from_environ({"TIEMCHUNG_HOME": str(tmp_path)}))
    assert trace_of(changed, "FIG-SENT", 0, {"province_code": "001"})["rows"]["is_as_sealed"] is None


def test_a_page_is_opened_where_there_is_a_screen_and_never_holds_what_is_revealed(
    home: Home, tmp_path: Path
) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/asked\n')
    browser.chmod(0o755)
    screen = {"DISPLAY": ":9", "BROWSER": f"{browser} %s"}
    done = tiemchung("trace", "FIG-SENT", "--open", "--json", "--home", home.path, **screen)
    page = Path(json.loads(done.stdout)["page"])
    assert (tmp_path / "asked").read_text().strip() == page.as_uri()
    assert "FIG-SENT" in page.read_text("utf-8")
    (tmp_path / "asked").unlink()
    bare = dict.fromkeys(("DISPLAY", "WAYLAND_DISPLAY"), "") | {"BROWSER": f"{browser} %s"}
    done = tiemchung("where", "5", "--open", "--home", home.path, **bare)
    assert Path(done.stdout.strip()).is_file()
    assert not (tmp_path / "asked").exists()
    with pytest.raises(UsageError, match="never written to a page"):
        trace("FIG-SENT", home.path, reveal=True, officer="CB01", reason="đối chiếu", is_page=True)
