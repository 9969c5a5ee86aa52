"""A small country's figures, consistent, with the letter's keys: what the report tests stand on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from orchestration.reporting.figures import Counted, read_figures
from orchestration.reporting.letters import parse_letters
from orchestration.reporting.report import (
    CodeState,
    LedgerPosition,
    Report,
    ReportedDelivery,
    ReportedGate,
)

# column, id without FIG-, parent without FIG-, letter key, subjects, doses
TABLE: tuple[tuple[str, str, str | None, str | None, int, int], ...] = (
    ("is_on_system", "ON-SYSTEM", None, "on_system", 82_958, 198_675),
    ("is_sent", "SENT", "ON-SYSTEM", "sent", 82_299, 196_725),
    ("is_not_sent", "NOT-SENT", "ON-SYSTEM", "not_sent", 659, 1_950),
    ("is_with_id", "WITH-ID", "SENT", "with_id", 72_399, 174_585),
    ("is_without_id", "WITHOUT-ID", "SENT", "without_id", 9_900, 22_140),
    ("is_with_id_correct", "WITH-ID-CORRECT", "WITH-ID", "with_id_correct", 56_706, 137_449),
    ("is_with_id_wrong", "WITH-ID-WRONG", "WITH-ID", "with_id_wrong", 15_693, 37_136),
    ("is_with_id_pending", "WITH-ID-PENDING", "WITH-ID", None, 0, 0),
)
LETTER = """
as_of: 2022-04-08
source: "Báo cáo của Bộ Y tế, 08/04/2022"
figures:
  on_system: {subjects: 82958, doses: 198675}
  sent: {subjects: 82299, doses: 196725, part_of: on_system}
  not_sent: {subjects: 659, doses: 1950, part_of: on_system}
  with_id: {subjects: 72399, doses: 174585, part_of: sent}
  without_id: {subjects: 9900, doses: 22140, part_of: sent}
  with_id_correct: {subjects: 56706, doses: 137449, part_of: with_id}
  with_id_wrong: {subjects: 19653, doses: 37136, part_of: with_id}
"""


def manifest_of(
    rows: tuple[tuple[str, str, str | None, str | None, int, int], ...] = TABLE,
) -> dict[str, Any]:
    columns: dict[str, Any] = {"subject_id": {"name": "subject_id", "config": {"meta": {}}}}
    for column, id_, parent, letter, *_ in rows:
        figure = {
            "id": f"FIG-{id_}",
            "vi": f"Chỉ tiêu {id_}",
            "en": f"Figure {id_}",
            "part_of": f"FIG-{parent}" if parent else None,
            "letter": letter,
        }
        columns[column] = {"name": column, "config": {"meta": {"figure": figure}}}
    node = {"resource_type": "model", "name": "fct_subjects", "columns": columns}
    return {"nodes": {"model.tiemchung.fct_subjects": node}}


@pytest.fixture
def manifest() -> dict[str, Any]:
    return manifest_of()


@pytest.fixture
def report(manifest: dict[str, Any]) -> Report:
    figures = tuple(
        Counted(figure, subjects, doses, f"{n:032x}")
        for n, (figure, (*_, subjects, doses)) in enumerate(zip(read_figures(manifest), TABLE, strict=True))
    )
    (letter,) = parse_letters(LETTER.encode(), "letter.yml")
    return Report(
        as_of=date(2022, 4, 6),
        deliveries=(
            ReportedDelivery("vn-2022-04-05", "ab" * 32, datetime.fromisoformat("2022-04-05T23:59:59+07:00")),
            ReportedDelivery(
                "vn-2022-04-05.2022-04-06", "cd" * 32, datetime.fromisoformat("2022-04-06T23:59:59+07:00")
            ),
        ),
        figures=figures,
        letter=letter,
        gates=(
            ReportedGate("marts.fct_subjects", "FIG-SUM-01", "critical", is_passed=True),
            ReportedGate("cleansing.int_subjects", "SUB-ID-03", "warning", is_passed=False),
        ),
        ledger=LedgerPosition(batches=3, rows=82_299),
        code=CodeState("0.1.0", "ef" * 32, "01" * 32),
    )
