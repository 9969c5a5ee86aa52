"""A report as a spreadsheet: the statement's figures, breakdowns, gates and deliveries, a sheet each.

Belongs here: order and words. Every number comes from the statement (:mod:`orchestration.reporting.report`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from orchestration.reporting.render import HIDDEN, in_tree_order
from orchestration.reporting.workbook import Sheet, Value, workbook

WORDS = {
    "province": ("Tỉnh, thành phố", "Province"),
    "district": ("Quận, huyện", "District"),
    "facility": ("Cơ sở tiêm", "Facility"),
    "id_class": ("Loại giấy tờ", "Kind of number"),
    "vaccine": ("Vắc xin", "Vaccine"),
    "dose_number": ("Mũi thứ", "Number of the dose"),
    "injected_on": ("Ngày tiêm", "Day of injection"),
    "increment_on": ("Ngày phát sinh", "Day of arrival"),
}


def render_spreadsheet(statement: Mapping[str, Any], seal: str) -> bytes:
    """The file's bytes; the same statement and seal give the same bytes."""
    title = f"Số liệu tiêm chủng đến {statement['as_of']} · niêm phong {seal}"
    return workbook(
        [_figures(statement, title), *_breakdowns(statement), _gates(statement), _packages(statement)], title
    )


def _figures(statement: Mapping[str, Any], title: str) -> Sheet:
    rows: list[list[Value]] = []
    for figure in in_tree_order(statement["figures"]):
        letter = figure["letter"] or {"subjects": None, "doses": None}
        rows.append(
            [
                figure["id"], "    " * figure["depth"] + figure["vi"], figure["en"], figure["subjects"],
                letter["subjects"], figure["doses"], letter["doses"], figure["digest"],
            ]
        )  # fmt: skip
    headings = (
        "Mã · Id", "Chỉ tiêu · Figure", "English", "Đối tượng · Subjects", "Công văn · Letter",
        "Mũi tiêm · Doses", "Công văn · Letter", "Mã tập dòng · Row digest",
    )  # fmt: skip
    return Sheet("Số liệu", title, headings, rows)


def _breakdowns(statement: Mapping[str, Any]) -> Iterator[Sheet]:
    figures = in_tree_order(statement["figures"])
    names = statement["province_names"]
    for name, table in statement["breakdowns"].items():
        vi, en = WORDS[name]
        of_doses = all(
            cell[0] is None and cell[1] is not None for row in table.values() for cell in row.values()
        )
        measures = (
            ((1, "mũi tiêm · doses"),) if of_doses else ((0, "đối tượng · subjects"), (1, "mũi tiêm · doses"))
        )
        headings = [f"{vi} · {en}", "Tên · Name"]
        headings += [f"{each['vi']} ({words})" for each in figures for _, words in measures]
        rows = [
            [value or "(trống · none)", names.get(value.split("/")[0], "")]
            + [_shown(table[value].get(each["id"], [0, 0])[n]) for each in figures for n, _ in measures]
            for value in table
        ]
        yield Sheet(vi.replace("/", "-")[:31], f"{vi} · {en}", headings, rows)


def _shown(count: int | None) -> Value:
    return HIDDEN if count is None else count


def _gates(statement: Mapping[str, Any]) -> Sheet:
    rows = [
        [
            gate["relation"],
            gate["rule_id"],
            gate["severity"],
            "đạt · passed" if gate["is_passed"] else "KHÔNG · NO",
        ]
        for gate in statement["gates"]
    ]
    return Sheet(
        "Cổng kiểm tra",
        "Cổng kiểm tra chất lượng · Quality gates",
        ("Bảng · Relation", "Quy tắc · Rule", "Mức · Severity", "Kết quả · Result"),
        rows,
    )


def _packages(statement: Mapping[str, Any]) -> Sheet:
    rows = [[each["id"], each["snapshot_at"], each["bag_sha256"]] for each in statement["deliveries"]]
    return Sheet(
        "Bàn giao",
        "Các đợt bàn giao · Deliveries",
        ("Đợt · Delivery", "Thời điểm · Snapshot", "SHA-256"),
        rows,
    )
