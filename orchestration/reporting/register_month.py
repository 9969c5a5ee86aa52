"""The monthly report of connection, sharing and verification: a month's account as a statement, a page, a spreadsheet.

Belongs here: order, words, and which small counts are not shown. What is counted is
:mod:`orchestration.population.account`; nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.population.account import MonthAccount
from orchestration.population.remedies import BATCH_REMEDIES, ROW_REMEDIES, UNKNOWN
from orchestration.reporting.render import HIDDEN, environment
from orchestration.reporting.report import canonical
from orchestration.reporting.suppression import suppressed
from orchestration.reporting.workbook import Sheet, Value, workbook

SCHEMA = "tiemchung.register-month/1"
TEMPLATE = "register_month.html.j2"
_VERDICTS = ("found_one", "found_several", "found_none", "refused")
_SECRET = ("asked", "answered", *_VERDICTS)
KINDS = {
    "cccd12": ("CCCD 12 số", "12-digit number"),
    "cmnd9": ("CMND 9 số", "9-digit number"),
    "without_id": ("Không có số", "without a number"),
    "unknown": ("Không rõ", "not known"),
}
WORDS = {
    "asked": ("Đối tượng đã hỏi", "Subjects asked"),
    "answered": ("Đã trả lời", "Answered"),
    "found_one": ("Tìm thấy một người", "One person found"),
    "found_several": ("Tìm thấy nhiều người", "Several found"),
    "found_none": ("Không tìm thấy", "None found"),
    "refused": ("Bị từ chối", "Refused"),
    "day": ("Ngày", "Day"),
    "batches_asked": ("Lô đã hỏi", "Batches asked"),
    "rows_asked": ("Đối tượng đã hỏi", "Subjects asked"),
    "batches_answered": ("Lô đã trả lời", "Batches answered"),
    "rows_answered": ("Đối tượng được trả lời", "Subjects answered"),
    "batches_open": ("Lô chờ trả lời cuối kỳ", "Batches open at the end"),
    "attempts": ("Lần gửi", "Sendings"),
    "repeats": ("Gửi lại", "Repeated sendings"),
    "came_to_nothing": ("Lần gửi không thành", "Sendings that came to nothing"),
    "days": ("Ngày có trao đổi", "Days with exchange"),
    "median_ms": ("Thời gian trả lời trung vị (ms)", "Median answer time (ms)"),
    "p95_ms": ("95% nhanh hơn (ms)", "95 % answer within (ms)"),
    "longest_ms": ("Lâu nhất (ms)", "Longest (ms)"),
    "agency": ("Cơ quan", "Agency"),
    "unit": ("Đơn vị", "Unit"),
    "officer": ("Cán bộ", "Officer"),
    "purpose": ("Mục đích", "Purpose"),
    "batches": ("Lô", "Batches"),
    "kind": ("Loại giấy tờ", "Kind of number"),
    "province_code": ("Mã tỉnh", "Province code"),
    "province": ("Tỉnh, thành phố", "Province"),
    "result": ("Kết quả", "Result"),
    "code": ("Mã lỗi", "Code"),
    "row_count": ("Đối tượng", "Subjects"),
    "remedy": ("Cách xử lý", "What to do"),
}
SECTIONS = {
    "totals": ("Tổng hợp", "Summary"),
    "days": ("Theo ngày", "By day"),
    "kinds": ("Theo loại giấy tờ", "By kind of number"),
    "provinces": ("Theo tỉnh, thành phố", "By province"),
    "callers": ("Ai đã hỏi", "Who asked"),
    "results": ("Kết quả các lần gửi", "What came of the sendings"),
    "refusals": ("Hồ sơ bị từ chối", "Refused subjects"),
}
SOURCE = ("Nguồn số liệu", "Where the numbers come from")
SOURCES = {
    "totals": ("attempts", "batches", "batches/*.index.parquet", "answers/*.parquet"),
    "days": ("attempts", "batches", "answers/*.parquet"),
    "kinds": ("batches/*.index.parquet", "answers/*.parquet"),
    "provinces": ("batches/*.index.parquet", "answers/*.parquet", "seeds.provinces"),
    "callers": ("attempts", "batches"),
    "results": ("attempts",),
    "refusals": ("answers/*.parquet",),
}
"""What each section is counted from, by the query of its name in ``population/account.sql``."""
FACTS = {
    "month": ("Tháng", "Month"),
    "until": ("Số liệu đến", "Counted until"),
    "small_cells_below": ("Không nêu số nhỏ hơn", "Counts not shown below"),
    "batches": ("Lô trong sổ cái", "Batches in the ledger"),
    "last_move_at": ("Sổ cái ghi lần cuối", "Ledger last written"),
    "digest": ("SHA-256", "of what was counted"),
}


@dataclass(frozen=True)
class RegisterMonth:
    """The report's three forms; all from one statement."""

    statement: Mapping[str, Any]
    json: bytes
    page: str
    spreadsheet: bytes


def register_month(account: MonthAccount, provinces: Mapping[str, str], threshold: int) -> RegisterMonth:
    """Make the report; ``provinces`` names the codes, counts from 1 to ``threshold - 1`` by province aren't shown."""
    statement = _statement(account, provinces, threshold)
    sheets = [_sheet(name, statement["tables"][name]) for name in SECTIONS]
    sheets.append(_source(statement))
    title = f"Báo cáo kết nối, chia sẻ, xác minh {statement['month']}"
    return RegisterMonth(statement, canonical(statement), _page(statement), workbook(sheets, title))


def _statement(account: MonthAccount, provinces: Mapping[str, str], threshold: int) -> dict[str, Any]:
    tables = {name: [dict(row) for row in account.tables[name]] for name in SECTIONS}
    for row in tables["provinces"]:
        row["province"] = provinces.get(row["province_code"], "")
    for row in tables["results"]:
        row["remedy"] = _both(BATCH_REMEDIES.get(row["result"])) if row["result"] in BATCH_REMEDIES else ""
    for row in tables["refusals"]:
        row["remedy"] = _both(ROW_REMEDIES.get(row["code"], UNKNOWN))
    _hide_small(tables["provinces"], threshold)
    _hide_small(tables["kinds"], threshold)
    return {
        "schema": SCHEMA,
        "month": str(account.month),
        "until": account.until.isoformat(),
        "is_finished": account.is_finished,
        "digest": account.digest,
        "batches": account.batches,
        "last_move_at": account.last_move_at and account.last_move_at.isoformat(),
        "sources": {name: list(SOURCES[name]) for name in SECTIONS},
        "small_cells_below": threshold,
        "tables": tables,
    }


def _both(remedy: Any) -> str:
    return f"{remedy.vi} · {remedy.en}"


def _hide_small(rows: list[dict[str, Any]], threshold: int) -> None:
    """Put None where a count would tell of a few people; the table's totals are shown elsewhere."""
    cells = {(number, name): int(row[name]) for number, row in enumerate(rows) for name in _SECRET}
    sums = [[(number, name) for number in range(len(rows))] for name in _SECRET]
    sums += [[(number, name) for name in ("answered", *_VERDICTS)] for number in range(len(rows))]
    # What was asked is answered within the month, as a rule: who sees one of the two knows the other.
    sums += [[(number, "asked"), (number, "answered")] for number in range(len(rows))]
    for number, name in suppressed(cells, sums, threshold):
        rows[number][name] = None


TEXT = frozenset(
    {
        "day", "kind", "province_code", "province", "agency", "unit", "officer", "purpose", "result", "code", "remedy",
    }
)  # fmt: skip
COLUMNS: dict[str, tuple[str, ...]] = {
    "days": (
        "day", "rows_asked", "rows_answered", "refused", "batches_asked", "attempts", "repeats", "came_to_nothing",
        "median_ms", "p95_ms", "longest_ms",
    ),
    "kinds": ("kind", *_SECRET),
    "provinces": ("province_code", "province", *_SECRET),
    "callers": ("agency", "unit", "officer", "purpose", "rows_asked", "batches", "attempts"),
    "results": ("result", "attempts", "batches", "remedy"),
    "refusals": ("code", "row_count", "remedy"),
}  # fmt: skip


def _sheet(name: str, rows: Sequence[Mapping[str, Any]]) -> Sheet:
    vi, en = SECTIONS[name]
    if name == "totals":
        cells: list[list[Value]] = [[" · ".join(WORDS[key]), value] for key, value in rows[0].items()]
        return Sheet(vi, f"{vi} · {en}", ("Chỉ tiêu · Figure", "Số lượng · Count"), cells)
    columns = COLUMNS[name]
    headings = [" · ".join(WORDS[column]) for column in columns]
    return Sheet(
        vi[:31].replace("/", "-"),
        f"{vi} · {en}",
        headings,
        [[_shown(column, row[column]) for column in columns] for row in rows],
    )


def _source(statement: Mapping[str, Any]) -> Sheet:
    vi, en = SOURCE
    facts: list[list[Value]] = [[" · ".join(words), statement[key]] for key, words in FACTS.items()]
    used: list[list[Value]] = [
        [" · ".join(SECTIONS[name]), ", ".join(relations)] for name, relations in statement["sources"].items()
    ]
    return Sheet(vi, f"{vi} · {en}", ("Mục · Item", "Nội dung · Content"), facts + used)


def _shown(column: str, value: Any) -> Value:
    if column == "kind":
        return " · ".join(KINDS[value])
    if column == "result" and not value:
        return "chưa rõ · not known"
    return HIDDEN if value is None and column in _SECRET else value


def _page(statement: Mapping[str, Any]) -> str:
    days = statement["tables"]["days"]
    highest = max((day["rows_asked"] for day in days), default=0)
    tables = {
        name: [[_shown(column, row[column]) for column in columns] for row in statement["tables"][name]]
        for name, columns in COLUMNS.items()
    }
    bars = [
        (day["day"], day["rows_asked"], round(100 * day["rows_asked"] / highest)) for day in days if highest
    ]
    template = environment().get_template(TEMPLATE)
    return template.render(
        statement=statement,
        sections=SECTIONS,
        source=SOURCE,
        facts=FACTS,
        columns=COLUMNS,
        words=WORDS,
        tables=tables,
        text=TEXT,
        bars=bars,
    )
