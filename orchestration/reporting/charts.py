"""Where the shapes of a report's pictures stand: the tree of figures, the provinces as tiles, doses by day.

Belongs here: positions, sizes and shades for the eye, the same for the same statement. Numbers that are written on a
picture are the statement's own, but shares in percent.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

TILES = Path(__file__).with_name("province_tiles.csv")
"""The 63 provinces of 2022 on a grid: about where they lie, one tile each."""
SHADES = 5
LEAST_LABEL = 13
"""Height in pixels below which a box of the tree is too low for its name."""
_TREE_WIDTH, _TREE_HEIGHT = 1000, 320
_FLOW_WIDTH, _FLOW_HEIGHT = 1000, 160
CAMPAIGN_BEGAN = date(2021, 3, 8)
"""The first doses were given on this day."""
_TONES = (
    ("PENDING", "open"),
    ("NOT-SENT", "open"),
    ("WRONG", "wrong"),
    ("UNVERIFIED", "wrong"),
    ("CORRECT", "right"),
)
"""What a figure's id says of it, for its colour; any other is neutral."""


def tree(figures: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The figures as boxes from left to right, each as high as its subjects, beside the figure they are part of.

    ``figures`` are in the order of their tree, with ``depth``.
    """
    levels = max((each["depth"] for each in figures), default=0) + 1
    width = _TREE_WIDTH / levels
    whole = sum(each["subjects"] for each in figures if each["part_of"] is None)
    scale = _TREE_HEIGHT / whole if whole else 0
    boxes, free = [], {None: 0.0}
    for each in figures:
        y, height = free[each["part_of"]], each["subjects"] * scale
        free[each["part_of"]], free[each["id"]] = y + height, y
        boxes.append(
            {
                "x": _rounded(each["depth"] * width),
                "y": _rounded(y),
                "height": _rounded(height),
                "is_named": height >= LEAST_LABEL,
                "tone": next((tone for part, tone in _TONES if part in each["id"]), "whole"),
                "figure": each,
            }
        )
    return {
        "width": _TREE_WIDTH,
        "height": _TREE_HEIGHT,
        "box_width": _rounded(width - 2),
        "boxes": [each for each in boxes if each["height"] > 0],
    }


def parts(figures: Sequence[Mapping[str, Any]], whole: str) -> list[dict[str, Any]]:
    """The parts of a figure, the largest first, with their share of it in percent; empty where it holds nobody."""
    total = sum(each["subjects"] for each in figures if each["id"] == whole)
    found = [each for each in figures if each["part_of"] == whole and each["subjects"]] if total else []
    return [
        {"figure": each, "share": f"{100 * each['subjects'] / total:.1f}"}
        for each in sorted(found, key=lambda each: (-each["subjects"], each["id"]))
    ]


def tiles(statement: Mapping[str, Any], part: str, whole: str) -> dict[str, Any]:
    """The provinces as tiles, shaded by one figure's share of another; without a shade where either isn't shown."""
    table = statement["breakdowns"].get("province", {})
    shares = {code: _share(row, part, whole) for code, row in table.items()}
    known = sorted(share for share in shares.values() if share is not None)
    found = [
        {
            "name": statement["province_names"].get(code, code),
            "x": column * 80,
            "y": row * 34,
            "share": None if shares.get(code) is None else f"{shares[code]:.1f}".replace(".", ","),
            "shade": _shade(shares.get(code), known),
        }
        for code, column, row in _places()
    ]
    return {"tiles": found if known else [], "least": _written(known[:1]), "most": _written(known[-1:])}


def flow(doses: Mapping[str, int], as_of: str) -> dict[str, Any]:
    """Doses by day as columns on the calendar, from the campaign's first day to ``as_of``; how many lie outside it."""
    first, last = CAMPAIGN_BEGAN, date.fromisoformat(as_of)
    length = max((last - first).days + 1, 1)
    inside = {day: count for day, count in doses.items() if str(first) <= day <= as_of and count}
    most = max(inside, key=lambda day: (inside[day], day), default=None)
    step = _FLOW_WIDTH / length
    return {
        "columns": [
            {
                "x": _rounded((date.fromisoformat(day) - first).days * step),
                "height": _rounded(_FLOW_HEIGHT * count / inside[most]),
            }
            for day, count in inside.items()
            if most
        ],
        "step": _rounded(step),
        "months": [
            {"month": f"{day:%Y-%m}", "at": _rounded((day - first).days * step)}
            for day in (first + timedelta(days=n) for n in range(length))
            if day.day == 1
        ],
        "from": str(first),
        "most": {"day": most, "doses": inside[most]} if most else None,
        "outside": sum(doses.values()) - sum(inside.values()),
    }


def _places() -> Iterator[tuple[str, int, int]]:
    with TILES.open(encoding="utf-8", newline="") as file:
        for place in csv.DictReader(file):
            yield place["province_code"], int(place["column"]), int(place["row"])


def _share(row: Mapping[str, Sequence[int | None]], part: str, whole: str) -> float | None:
    of_part, of_whole = row.get(part, (0, 0))[0], row.get(whole, (0, 0))[0]
    return 100 * of_part / of_whole if of_part is not None and of_whole else None


def _shade(share: float | None, known: Sequence[float]) -> int | None:
    """From 0 to ``SHADES - 1``, evenly between the least and the most."""
    if share is None:
        return None
    width = known[-1] - known[0]
    return min(SHADES - 1, int(SHADES * (share - known[0]) / width)) if width else 0


def _written(shares: Sequence[float]) -> str:
    return f"{shares[0]:.1f}".replace(".", ",") if shares else ""


def _rounded(value: float) -> float:
    return round(value, 2)
