"""The month with the register, counted from a ledger that a real exchange filled; its three forms say the same."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from orchestration.installation import Installation
from orchestration.population.month import Month, MonthInvalid
from orchestration.reporting.register_month import COLUMNS, SECTIONS, SOURCE, TEXT, RegisterMonth
from orchestration.simulator.process import StandIn
from orchestration.stages.register_months import keep_month, report_month
from tests.contract.test_accounts_with_stand_in import House

APRIL = Month.parsed("2022-04")
LATER = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, persons: Path) -> Iterator[House]:
    """Asked late on 31 March (three subjects), on 2 April again what was refused, on 3 May once more."""
    with StandIn(persons) as running:
        made = House(tmp_path_factory.mktemp("months"), running)
        made._now = datetime.fromisoformat("2022-03-31T23:00:00+07:00")
        made.exchange()
        for day in ("2022-04-02T09:00:00+07:00", "2022-05-03T09:00:00+07:00"):
            made._now = datetime.fromisoformat(day)
            made.told("retry", "--code", "INVALID_NUMBER")
            made.exchange()
        yield made


def report(house: House, month: Month = APRIL, at: datetime = LATER, small: int = 1) -> RegisterMonth:
    settings = replace(house.installation.settings, small_cells=small)
    return report_month(Installation(settings), month, at)


def totals(made: RegisterMonth) -> dict[str, int]:
    counted: dict[str, int] = made.statement["tables"]["totals"][0]
    return {name: value for name, value in counted.items() if value}


def test_each_month_counts_what_was_sent_and_answered_in_it(house: House) -> None:
    march, april = report(house, Month.parsed("2022-03")), report(house)
    once = {"batches_asked": 1, "batches_answered": 1, "attempts": 1, "days": 1}
    assert totals(march) == once | {
        "rows_asked": 3,
        "rows_answered": 3,
        "found_one": 1,
        "found_several": 1,
        "refused": 1,
    }
    assert totals(april) == once | {"rows_asked": 1, "rows_answered": 1, "refused": 1}


def test_who_asked_what_came_of_it_and_how_fast_is_told(house: House) -> None:
    tables = report(house).statement["tables"]
    assert [(c["agency"], c["unit"], c["rows_asked"], c["attempts"]) for c in tables["callers"]] == [
        ("BYT", "BYT-CNTT", 1, 1)
    ]
    assert [(r["result"], r["attempts"]) for r in tables["results"]] == [("received", 1)]
    assert [(r["code"], r["row_count"]) for r in tables["refusals"]] == [("INVALID_NUMBER", 1)]
    assert len(tables["days"]) == 30
    (second,) = (day for day in tables["days"] if day["attempts"])
    assert second["day"] == "2022-04-02"
    assert second["median_ms"] == second["p95_ms"] == second["longest_ms"] >= 0


def test_kinds_and_provinces_add_up_to_the_whole(house: House) -> None:
    made = report(house, Month.parsed("2022-03"))
    for name in ("kinds", "provinces"):
        rows = made.statement["tables"][name]
        assert sum(row["asked"] for row in rows) == sum(row["answered"] for row in rows) == 3
        assert sum(row["found_one"] + row["found_several"] + row["refused"] for row in rows) == 3


def test_small_counts_of_a_province_are_not_shown_in_any_form(house: House) -> None:
    made = report(house, Month.parsed("2022-03"), small=5)
    shown = [row[name] for row in made.statement["tables"]["provinces"] for name in ("asked", "found_one")]
    assert set(shown) <= {None, 0}
    assert "…" in made.page


def test_the_same_ledger_gives_the_same_bytes_later_elsewhere_and_with_later_months(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = report(house, at=datetime.fromisoformat("2022-05-01T00:00:00+07:00"))
    monkeypatch.setitem(os.environ, "TZ", "America/Lima")
    again = report(house)
    assert (first.json, first.page, first.spreadsheet) == (again.json, again.page, again.spreadsheet)
    assert {path.name: path.read_bytes() for path in keep_month(again, tmp_path / "a").parent.iterdir()} == {
        path.name: path.read_bytes() for path in keep_month(first, tmp_path / "b").parent.iterdir()
    }


def test_the_source_tells_where_the_ledger_stood_when_the_month_ended(house: House) -> None:
    made = report(house)
    assert made.statement["batches"] == 2
    assert made.statement["last_move_at"].startswith("2022-04-02T09:00:00.")
    assert made.statement["last_move_at"].endswith("+07:00")
    assert list(made.statement["sources"]) == list(SECTIONS)


def test_the_stand_in_counted_the_same(house: House) -> None:
    days = [day["register"] for day in house.told("reconcile")[1]["register"]]
    counted = [
        report(house, Month.parsed(f"2022-{number:02}")).statement["tables"]["totals"][0]
        for number in (3, 4, 5)
    ]
    for ours, theirs in (
        ("batches_answered", "batches"),
        ("rows_answered", "rows"),
        ("found_one", "found"),
        ("found_several", "several"),
        ("refused", "refused"),
    ):
        assert sum(month[ours] for month in counted) == sum(day[theirs] for day in days) > 0


def test_no_form_holds_what_is_known_of_a_person(house: House) -> None:
    made = report(house, Month.parsed("2022-03"))
    with zipfile.ZipFile(io.BytesIO(made.spreadsheet)) as packed:
        parts = [packed.read(name).decode("utf-8") for name in packed.namelist()]
    for text in (made.page, made.json.decode("utf-8"), *parts):
        for known in ("Nguyễn Văn Hoà", "Lê Văn Đạt", "Ai Đó", "001190000001", "222222222", "1990-12-31"):
            assert known not in text


def test_a_month_that_lasts_says_until_when_it_is_counted(house: House) -> None:
    made = report(house, at=datetime.fromisoformat("2022-04-01T12:00:00+07:00"))
    assert not made.statement["is_finished"]
    assert len(made.statement["tables"]["days"]) == 1
    assert totals(made) == {}
    assert "chưa kết thúc" in made.page


def test_a_month_without_exchange_is_a_report_of_zeros(house: House) -> None:
    made = report(house, Month.parsed("2023-02"))
    assert totals(made) == {}
    assert "Không có." in made.page


def test_a_month_that_has_not_begun_or_is_none_is_refused(house: House) -> None:
    with pytest.raises(MonthInvalid, match="not begun"):
        report(house, Month.parsed("2030-01"))
    for text in ("2022-13", "2022-4", "tháng 4", "2022-04-01", "", "٢٠٢٢-٠٤", "2022-04\n", "' or 1=1"):
        with pytest.raises(MonthInvalid, match="should look like"):
            Month.parsed(text)


def test_the_spreadsheet_holds_the_same_numbers(house: House) -> None:
    made = report(house)
    book = CalamineWorkbook.from_filelike(io.BytesIO(made.spreadsheet))
    assert book.sheet_names == [*(vi for vi, _ in SECTIONS.values()), SOURCE[0]]
    summary: dict[Any, Any] = dict(book.get_sheet_by_index(0).to_python()[3:])
    assert list(summary.values()) == list(made.statement["tables"]["totals"][0].values())
    for name, columns in COLUMNS.items():
        rows = book.get_sheet_by_name(SECTIONS[name][0]).to_python()[3:]
        counts = [number for number, column in enumerate(columns) if column not in TEXT]
        assert [[row[number] for number in counts] for row in rows] == [
            [row[columns[number]] if row[columns[number]] is not None else "" for number in counts]
            for row in made.statement["tables"][name]
        ]
    told = dict(row[:2] for row in book.get_sheet_by_name(SOURCE[0]).to_python()[3:])
    assert told["SHA-256 · of what was counted"] == made.statement["digest"]


def test_the_verb_writes_the_three_forms_and_prints_the_statement(house: House, tmp_path: Path) -> None:
    code, told = house.told("report", "--month", "2022-04", "--out", str(tmp_path))
    assert code == 0
    assert json.loads((tmp_path / "report.json").read_text("utf-8")) == told
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "report.html", "report.xlsx"}
    assert "://" not in (tmp_path / "report.html").read_text("utf-8")
