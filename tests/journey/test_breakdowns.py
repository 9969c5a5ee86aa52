"""The figures broken down on a real home: they add up, and no small count can be told from what is shown."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest

from expectations.suites import rpt_breakdowns
from tests.journey.conftest import Home, tiemchung

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]
ALL = {"TIEMCHUNG_SMALL_CELLS": "1"}


def broken_down(home: Home, by: str, *figures: str, **environ: str) -> dict[str, Any]:
    wanted = [word for figure in figures for word in ("--figure", figure)]
    done = tiemchung("report", "breakdown", "--by", by, *wanted, "--home", home.path, "--json", **environ)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_provinces_add_up_to_the_country(home: Home) -> None:
    figures = {each["id"]: each for each in home.ask("report")["figures"]}
    found = broken_down(home, "province", **ALL)
    assert set(found["figures"]) == set(figures)
    for id_, figure in figures.items():
        cells = [row[id_] for row in found["values"].values() if id_ in row]
        assert sum(subjects for subjects, _ in cells) == figure["subjects"]
        assert sum(doses for _, doses in cells) == figure["doses"]


def test_vaccines_add_up_to_the_doses_and_count_no_subjects(home: Home) -> None:
    doses = {each["id"]: each["doses"] for each in home.ask("report")["figures"]}
    found = broken_down(home, "vaccine", "FIG-SENT", **ALL)
    cells = [row["FIG-SENT"] for row in found["values"].values()]
    assert sum(count for _, count in cells) == doses["FIG-SENT"]
    assert {subjects for subjects, _ in cells} == {None}


def test_small_counts_are_not_shown_and_cannot_be_reckoned_from_others(home: Home) -> None:
    every, shown = broken_down(home, "province", **ALL), broken_down(home, "province")
    figures = {each["id"]: each for each in home.ask("report")["figures"]}
    hidden = 0
    for value, row in every["values"].items():
        for id_, (subjects, _) in row.items():
            seen = shown["values"][value][id_][0]
            assert seen in (subjects, None)
            assert not (0 < subjects < 5 and seen is not None)
            hidden += seen is None
    assert hidden > 0
    for id_, figure in figures.items():
        cells = [row[id_][0] for row in shown["values"].values() if id_ in row]
        missing = figure["subjects"] - sum(cell for cell in cells if cell is not None)
        assert cells.count(None) != 1
        assert missing == 0 or missing >= 5 or len(cells) == cells.count(None)


def test_a_province_that_is_not_shown_is_not_told_by_its_districts(home: Home) -> None:
    provinces, districts = broken_down(home, "province"), broken_down(home, "district")
    for value, row in provinces["values"].items():
        for id_, (subjects, _) in row.items():
            inside = [
                each[id_][0]
                for name, each in districts["values"].items()
                if name.split("/")[0] == value and id_ in each
            ]
            if subjects is None:
                assert inside.count(None) != 0, (value, id_)
            else:
                assert inside.count(None) != 1, (value, id_)


def test_the_sealed_report_holds_what_is_shown(home: Home) -> None:
    folder = home.path / "reports" / (home.path / "reports" / "latest").read_text().strip()
    statement = json.loads((folder / "report.json").read_text("utf-8"))
    assert statement["small_cells_below"] == 5
    assert statement["breakdowns"]["province"] == broken_down(home, "province")["values"]
    assert {path.name for path in folder.iterdir()} == {
        "report.json",
        "report.html",
        "report.xlsx",
        "report.pdf",
        "seal.json",
    }


def test_the_gate_of_the_breakdowns_is_closed_by_a_lost_row(home: Home) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home.path / 'warehouse.duckdb'}' as warehouse (read_only)")
        connection.execute("create schema report")
        connection.execute("create table report.rpt_figures as from warehouse.report.rpt_figures")
        connection.execute(
            "create table report.rpt_breakdowns as from warehouse.report.rpt_breakdowns"
            " where not (breakdown = 'province' and figure_id = 'FIG-SENT' and value = '001')"
        )
        breaches = {
            rule.id: connection.execute(rule.query).fetchall()[0][0]
            for rule in rpt_breakdowns.RULES[:2]
            if rule.query is not None
        }
    assert breaches == {"RPT-BREAKDOWN-01": 1, "RPT-BREAKDOWN-02": 2}


def test_what_is_no_breakdown_or_figure_is_said_so(home: Home) -> None:
    for words in (("--by", "full_name"), ("--by", "province'--"), ("--by", "province", "--figure", "FIG-X")):
        done = tiemchung("report", "breakdown", *words, "--home", home.path)
        assert (done.returncode, "take one of" in done.stderr.replace("\n", " ")) == (2, True)
