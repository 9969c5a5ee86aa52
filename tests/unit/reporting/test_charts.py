"""The pictures of a report show the statement's numbers and nothing that it does not show."""

from __future__ import annotations

import csv
from typing import Any

from orchestration.reporting import charts
from orchestration.reporting.render import in_tree_order
from orchestration.reporting.report import Report
from orchestration.warehouse.project import province_names


def test_parts_fill_the_height_of_their_whole(report: Report) -> None:
    drawn = charts.tree(in_tree_order(report.statement()["figures"]))
    boxes = {box["figure"]["id"]: box for box in drawn["boxes"]}
    assert boxes["FIG-ON-SYSTEM"]["height"] == drawn["height"]
    for whole, box in boxes.items():
        parts = [each for each in boxes.values() if each["figure"]["part_of"] == whole]
        if parts:
            assert abs(sum(each["height"] for each in parts) - box["height"]) < 0.05, whole
            assert min(each["y"] for each in parts) == box["y"]
            assert all(each["x"] > box["x"] for each in parts)
    assert "FIG-WITH-ID-PENDING" not in boxes
    assert boxes["FIG-WITH-ID-WRONG"]["tone"] == "wrong"


def test_nobody_on_the_system_draws_nothing() -> None:
    figure = {"id": "FIG-A", "part_of": None, "depth": 0, "subjects": 0}
    assert charts.tree([figure])["boxes"] == []
    assert charts.parts([figure], "FIG-A") == []
    assert charts.parts([figure], "FIG-B") == []


def test_every_province_of_the_seed_has_a_tile_of_its_own() -> None:
    with charts.TILES.open(encoding="utf-8", newline="") as file:
        places = {row["province_code"]: (row["column"], row["row"]) for row in csv.DictReader(file)}
    assert places.keys() == province_names().keys()
    assert len(set(places.values())) == len(places)


def test_a_share_of_what_is_not_shown_has_no_shade() -> None:
    table = {
        "001": {"A": [10, 1], "B": [100, 1]},
        "079": {"A": [30, 1], "B": [100, 1]},
        "002": {"A": [None, None], "B": [100, 1]},
        "004": {"A": [3, 1], "B": [None, None]},
    }
    statement: dict[str, Any] = {"breakdowns": {"province": table}, "province_names": {"001": "Hà Nội"}}
    drawn = charts.tiles(statement, "A", "B")
    shades = {tile["name"]: (tile["shade"], tile["share"]) for tile in drawn["tiles"]}
    assert (shades["Hà Nội"], shades["079"]) == ((0, "10,0"), (4, "30,0"))
    assert shades["002"] == shades["004"] == shades["006"] == (None, None)
    assert (drawn["least"], drawn["most"]) == ("10,0", "30,0")
    assert charts.tiles({"breakdowns": {}, "province_names": {}}, "A", "B")["tiles"] == []


def test_days_stand_on_the_calendar_and_those_outside_of_it_are_counted() -> None:
    drawn = charts.flow(
        {"": 2, "1899-01-06": 1, "2021-03-08": 5, "2021-03-18": 10, "2030-01-01": 4}, "2021-03-18"
    )
    assert [(each["x"], each["height"]) for each in drawn["columns"]] == [(0, 80), (909.09, 160)]
    assert (drawn["most"], drawn["outside"]) == ({"day": "2021-03-18", "doses": 10}, 7)
    assert charts.flow({}, "2022-04-05")["columns"] == []
