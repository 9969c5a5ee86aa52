"""How far a run is, for people who wait at a terminal: Dagster's steps under names that they know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

# Dagster's step keys and what a person reads while they run.
STEPS = {
    "handover__sealed_delivery": "Nhận và niêm phong · receive and seal",
    "handover__source_inventory": "Kiểm kê mã nguồn · source inventory",
    "handover__installer_inventory": "Kiểm kê bộ cài đặt · installers",
    "handover__document_inventory": "Kiểm kê tài liệu · documents",
    "handover__malware_scan": "Quét mã độc · malware scan",
    "import_dumps": "Đọc cơ sở dữ liệu · read the dumps",
    "handover__completeness": "Ma trận bàn giao · completeness",
    "handover__sealed_increment": "Nhận dữ liệu phát sinh · receive the day",
    "raw__increment": "Đọc dữ liệu phát sinh · read the day",
    "build_staging": "Chuẩn bị dữ liệu · staging",
    "build_cleansing": "Làm sạch · cleansing",
    "verification__outbox": "Chuẩn bị yêu cầu · outbox",
    "exchange_with_register": "Xác minh với CSDLQGDC · ask the register",
    "build_verification": "Phân loại kết quả · outcomes",
    "build_marts": "Tổng hợp · marts",
    "build_report": "Số liệu · figures",
    "report__letter_audit": "Rà soát công văn · letter audit",
    "report__sealed_report": "Niêm phong báo cáo · seal the report",
    "report__auditor_pages": "Trang kiểm toán · the auditor's pages",
}


@contextmanager
def step_progress(console: Console) -> Iterator[Callable[[str, str], None]]:
    """A bar that follows Dagster's steps; plain lines where there is no terminal."""
    if not console.is_terminal:
        yield lambda step, state: _plain(console, step, state)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("Bắt đầu · starting", total=len(STEPS))

        def on_step(step: str, state: str) -> None:
            if state == "started" and step in STEPS:
                progress.update(task, description=STEPS[step])
            elif state == "done" and step in STEPS:
                progress.advance(task)

        yield on_step


def _plain(console: Console, step: str, state: str) -> None:
    if step in STEPS and state != "started":
        console.print(f"  {'✓' if state == 'done' else '✗'} {STEPS[step]}", highlight=False)
