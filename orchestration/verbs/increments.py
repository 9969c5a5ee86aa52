"""``tiemchung increments``: the days after a delivery, and what keeps any of them from counting."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from orchestration import terminal
from orchestration.console import number
from orchestration.terminal import Home, Json, settings_of, show

if TYPE_CHECKING:
    from orchestration.stages.increments import DayAccount, Increments

STANDINGS = {
    "sound": "[green]đủ · sound[/]",
    "broken": "[red]hỏng · broken[/]",
    "missing": "[red]thiếu · missing[/]",
    "blocked": "[yellow]chờ ngày trước · waits for a day before it[/]",
    "stray": "[red]ngoài kỳ · no day of the row[/]",
}
HEADINGS = ("ngày · day", "tình trạng · standing", "bản ghi · rows", "gói · package", "phát hiện · findings")


def increments(
    home: Home = None,
    delivery: Annotated[
        str | None, typer.Option(help="Gói bàn giao · a delivery's id; default: the one received last.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Dữ liệu phát sinh · the daily increments after a delivery; exit 1 when a day is missing or broken."""
    from orchestration.installation import Installation
    from orchestration.stages.increments import increments_of

    found = increments_of(Installation(settings_of(home)), delivery)
    if as_json:
        show(found.as_json(), as_json, "")
    else:
        _tell(found)
    raise typer.Exit(0 if found.is_whole else 1)


def _tell(found: Increments) -> None:
    table = Table(*HEADINGS, title=f"{found.delivery} · {found.snapshot_on}")
    for day in (*found.days, *found.strays):
        table.add_row(*_cells(day))
    terminal.out.print(table)
    for line in dict.fromkeys(_lines((*found.days, *found.strays))):
        terminal.out.print(line, highlight=False, soft_wrap=True, markup=False)
    terminal.out.print(f"Đủ đến hết · complete through {found.through}", highlight=False)


def _cells(day: DayAccount) -> tuple[str, ...]:
    imported = "" if day.is_in_warehouse or day.package is None else " [dim](chưa vào kho · not in use)[/]"
    return (
        str(day.day),
        STANDINGS[day.standing] + imported,
        number(sum(day.rows.values())) if day.package else "–",
        f"{day.package}\n[dim]{(day.bag_sha256 or '')[:12]}[/]" if day.package else "–",
        "\n".join(f"{each.id} {each.evidence}".strip() for each in day.findings) or "–",
    )


def _lines(days: Iterable[DayAccount]) -> Iterable[str]:
    for day in days:
        for each in day.findings:
            yield f"{each.id}: {each.vi} · {each.en}. {each.remedy}"
