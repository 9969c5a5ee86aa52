"""A report as PDF, to be printed and filed: figures beside the letter's, provinces, what it stands on.

Belongs here: order and words. Every number comes from the statement (:mod:`orchestration.reporting.report`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import typst

from orchestration.reporting.render import TEMPLATES, by_province, day, in_tree_order, number

TEMPLATE = TEMPLATES / "report.typ"


def render_print(statement: Mapping[str, Any], seal: str) -> bytes:
    """The file's bytes; the same statement and seal give the same bytes: only typst's own fonts are used."""
    as_of = date.fromisoformat(statement["as_of"])
    content = {
        "title": "Số liệu tiêm chủng COVID-19 đã đối chiếu với CSDLQGDC",
        "title_en": "COVID-19 vaccination figures, verified with the National Population Database",
        "seal": f"SHA-256 {seal}",
        "year": as_of.year,
        "month": as_of.month,
        "day": as_of.day,
        "lines": list(_lines(statement)),
        "sections": list(_sections(statement)),
    }
    packed: bytes = typst.compile(
        TEMPLATE.read_bytes(), sys_inputs={"report": json.dumps(content)}, ignore_system_fonts=True
    )
    return packed


def _lines(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    yield "Tính đến hết ngày", "As of the end of", day(statement["as_of"])
    passed = sum(gate["is_passed"] for gate in statement["gates"])
    yield "Quy tắc kiểm tra đạt", "Gate rules passed", f"{passed}/{len(statement['gates'])}"
    for delivery in statement["deliveries"]:
        yield "Đợt bàn giao", "Delivery", f"{delivery['id']} ({delivery['bag_sha256'][:16]}…)"
    if statement["letter"] is not None:
        for finding in statement["letter"]["findings"]:
            told = (
                f"{finding['parent']}: {number(finding['stated_total'])} ≠ {number(finding['sum_of_parts'])}"
            )
            yield "Công văn không khớp", "The letter does not add up", told


def _sections(statement: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    rows = []
    for figure in in_tree_order(statement["figures"]):
        letter = figure["letter"] or {"subjects": None, "doses": None}
        name = "\u2003" * figure["depth"] + figure["vi"]
        numbers = (figure["subjects"], letter["subjects"], figure["doses"], letter["doses"])
        rows.append([name, *("–" if each is None else number(each) for each in numbers)])
    yield {
        "title": ("Số liệu", "Figures"),
        "note": "",
        "headings": [
            ("Chỉ tiêu", "Figure"), ("Đối tượng", "Subjects"), ("Công văn", "Letter"), ("Mũi tiêm", "Doses"),
            ("Công văn", "Letter"),
        ],
        "rows": rows,
    }  # fmt: skip
    if provinces := by_province(statement):
        yield {
            "title": ("Theo tỉnh, thành phố", "By province"),
            "note": f"… : số nhỏ hơn {statement['small_cells_below']} hoặc có thể suy ra số nhỏ · small counts",
            "headings": [
                ("Tỉnh", "Province"),
                *((each["vi"], each["en"]) for each in provinces[0]["figures"]),
            ],
            "rows": [[each["name"], *(cell["shown"] for cell in each["figures"])] for each in provinces],
        }
