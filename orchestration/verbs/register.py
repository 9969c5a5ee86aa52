"""``tiemchung register plan|refused|retry|reconcile|report``: the exchange's accounts; ``retry`` fills the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from orchestration import terminal
from orchestration.console import number
from orchestration.terminal import Home, Json, settings_of, show

if TYPE_CHECKING:
    from orchestration.stages.register_accounts import Reconciliation

app = typer.Typer(no_args_is_help=True, help="CSDLQGDC · the population register and our dealings with it.")

DEFAULT_RATE = 100_000
Rows = Annotated[
    int, typer.Option("--rows", help="Số địa chỉ dòng · row addresses for each item.", min=0, max=1000)
]
VERDICTS = {
    "equal": "[green]bằng nhau · equal[/]",
    "explained": "[yellow]có nguyên nhân · explained[/]",
    "unexplained": "[red]chưa rõ · unexplained[/]",
}
CAUSES = {
    "sent_not_answered": "lô đã gửi, chưa có trả lời · batches sent, not answered yet",
    "batch_failed": "lô bị từ chối trong sổ · batches the ledger holds as failed",
    "counted_on_the_next_day": "lô quanh nửa đêm hoặc gửi lại hôm sau · counted on another day than first sent",
    "register_forgot": "CSDLQGDC khởi động lại, mất sổ · the register's book started anew; answers are kept here",
    "attempts_never_arrived": "lần gửi không tới nơi · attempts that never arrived",
    "held": "đối tượng bị giữ lại · subjects held back, never asked",
    "waiting": "đối tượng chờ hỏi · subjects waiting to be asked",
    "without_request": "đối tượng không có yêu cầu · subjects without a request",
    "recorded_after_the_log_ends": "sau ngày cuối của nhật ký · after the log's last day",
}


@app.command("plan")
def plan(
    home: Home = None,
    rows_per_second: Annotated[
        int | None,
        typer.Option(
            min=1,
            help=f"Tốc độ · the rate reckoned with [TIEMCHUNG_REGISTER_ROWS_PER_SECOND, {DEFAULT_RATE}].",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Dự kiến hỏi · what would be asked: subjects, batches, time. Writes nothing, asks nobody."""
    from orchestration.installation import Installation
    from orchestration.stages.register_accounts import plan_requests

    settings = settings_of(home)
    rate = rows_per_second or settings.register.rows_per_second or DEFAULT_RATE
    foreseen = plan_requests(Installation(settings))
    if as_json:
        told = {**asdict(foreseen), "rows_per_second": rate, "seconds": foreseen.seconds(rate)}
        show(told, as_json, "")
        return
    waiting = foreseen.open_batches
    duration = timedelta(seconds=round(foreseen.seconds(rate)))
    _print(
        "Dự kiến hỏi · plan",
        ("việc · what", "số · count"),
        [
            ("Đối tượng cần hỏi · subjects to ask", number(foreseen.to_ask)),
            ("– chưa từng hỏi · never asked", number(foreseen.never_asked)),
            ("– đã thay đổi · changed since they were asked", number(foreseen.changed)),
            ("– lô trước bị từ chối · in a batch that failed", number(foreseen.failed_before)),
            ("Lô mới · new batches", _sizes(foreseen.new_batches)),
            ("Lô còn mở · open batches taken up again", _sizes([batch.rows for batch in waiting])),
            (f"Thời gian ở {number(rate)} dòng/giây · time at that many rows a second", str(duration)),
        ],
    )


@app.command("refused")
def refused(home: Home = None, rows: Rows = 5, as_json: Json = False) -> None:
    """Bị từ chối · what the register refused, by code, with the remedy and the rows' addresses."""
    from orchestration.installation import Installation
    from orchestration.population.remedies import BATCH_REMEDIES, ROW_REMEDIES, UNKNOWN
    from orchestration.stages.dead_letters import refused_rows

    of_rows, of_batches = refused_rows(Installation(settings_of(home)), rows)
    told: dict[str, list[dict[str, Any]]] = {
        "rows": [{**asdict(r), "remedy": asdict(ROW_REMEDIES.get(r.code, UNKNOWN))} for r in of_rows],
        "batches": [{**asdict(b), "remedy": asdict(BATCH_REMEDIES.get(b.code, UNKNOWN))} for b in of_batches],
    }
    if as_json:
        show(told, as_json, "")
        return
    lines = [
        (r["code"], number(r["rows"]), "–", _remedy(r), _addresses(r["addresses"])) for r in told["rows"]
    ]
    lines += [(b["code"], number(b["rows"]), number(b["batches"]), _remedy(b), "–") for b in told["batches"]]
    headings = ("mã · code", "dòng · rows", "lô · batches", "cách xử lý · remedy", "địa chỉ · addresses")
    _print("Bị từ chối · refused", headings, lines)


@app.command("retry")
def retry(
    code: Annotated[str, typer.Option("--code", help="Mã lỗi của dòng · the rows' error code.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Hỏi lại · put rows refused with a code into the outbox once more; the next exchange sends them."""
    from orchestration.installation import Installation
    from orchestration.stages.dead_letters import ask_again

    outbox = ask_again(Installation(settings_of(home)), code, lambda: datetime.now(UTC))
    show(
        {"code": code, **asdict(outbox)},
        as_json,
        f"Hỏi lại · asked again: {number(outbox.rows)} dòng · rows, {number(outbox.batches)} lô · batches",
    )


@app.command("reconcile")
def reconcile(
    home: Home = None,
    statistics: Annotated[
        Path | None,
        typer.Option(help="Thống kê dạng tệp · the register's statistics as a file instead of asking it."),
    ] = None,
    rows: Rows = 5,
    as_json: Json = False,
) -> None:
    """Đối soát · vendor's log, our ledger and the register's statistics, by day.

    Exit 0 when all is equal or explained, 1 otherwise.
    """
    from orchestration.installation import Installation
    from orchestration.stages import register_accounts

    found = register_accounts.reconcile(Installation(settings_of(home)), statistics, rows)
    if as_json:
        show(_reconciliation_json(found), as_json, "")
    else:
        _tell(found)
    raise typer.Exit(0 if found.is_settled else 1)


def _reconciliation_json(found: Reconciliation) -> dict[str, Any]:
    register = [
        {**asdict(day), "day": day.day.isoformat(), "addresses": addresses}
        for day, addresses in zip(found.register, found.register_addresses, strict=True)
    ]
    log = None
    if found.log is not None:
        log = [
            {
                **asdict(day),
                "day": day.day.isoformat(),
                "causes": [{"reason": reason, "count": count} for reason, count in day.causes],
            }
            for day in found.log
        ]
    return {"is_settled": found.is_settled, "register": register, "vendor_log": log}


def _tell(found: Reconciliation) -> None:
    lines = []
    for day, addresses in zip(found.register, found.register_addresses, strict=True):
        ours, theirs = asdict(day.ledger), asdict(day.register)
        cells = [
            number(ours[m]) if ours[m] == theirs[m] else f"{number(ours[m])} ≠ {number(theirs[m])}"
            for m in ours
        ]
        why = [f"{CAUSES[cause.reason]}: {number(cause.count)}" for cause in day.causes]
        why += [_addresses(addresses)] if addresses else []
        lines.append((day.day.isoformat(), *cells, VERDICTS[day.verdict], "\n".join(why) or "–"))
    of_register = (
        "ngày · day",
        "lô\nbatches",
        "lặp\nrepeats",
        "dòng\nrows",
        "từ chối\nrefused",
        "một\nfound",
        "nhiều\nseveral",
        "kết quả · result",
        "nguyên nhân · cause",
    )
    _print("Sổ của ta ≠ CSDLQGDC · our ledger ≠ the register", of_register, lines)
    if found.log is None:
        terminal.out.print("[red]Chưa có nhật ký của nhà cung cấp · the vendor delivered no log.[/]")
        return
    told = [
        (
            day.day.isoformat(),
            number(day.vendor),
            number(day.asked),
            VERDICTS[day.verdict],
            "\n".join([*(f"{CAUSES[r]}: {number(n)}" for r, n in day.causes), _addresses(day.addresses)]),
        )
        for day in found.log
        if day.verdict != "equal"
    ]
    title = (
        f"Nhật ký nhà cung cấp · vendor's log: {number(len(found.log) - len(told))}/{number(len(found.log))}"
    )
    headings = ("ngày · day", "nhật ký · log", "đã hỏi · asked", "kết quả · result", "nguyên nhân · cause")
    _print(f"{title} ngày bằng nhau · days equal", headings, told)


def _sizes(sizes: Sequence[int]) -> str:
    if not sizes:
        return "0"
    span = number(max(sizes)) if min(sizes) == max(sizes) else f"{number(min(sizes))}–{number(max(sizes))}"
    return f"{number(len(sizes))} × {span} dòng · rows"


def _remedy(item: dict[str, Any]) -> str:
    return f"{item['remedy']['vi']}\n{item['remedy']['en']}"


def _addresses(addresses: Iterable[tuple[str, str, int]]) -> str:
    return "\n".join(f"{delivery} {table} {row}" for delivery, table, row in addresses) or "–"


def _print(title: str, headings: Iterable[str], lines: Iterable[Iterable[str]]) -> None:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for line in lines:
        table.add_row(*line)
    terminal.out.print(table, highlight=False)


@app.command("report")
def report(
    month: Annotated[str, typer.Option(help="Tháng · the month, such as 2022-04.")],
    home: Home = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Thư mục · default: <home>/register_months/<month>.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Báo cáo tháng · connection, sharing and verification of one month, as HTML, XLSX and JSON."""
    from orchestration.installation import Installation
    from orchestration.population.month import Month
    from orchestration.stages import register_months

    wanted, installation = Month.parsed(month), Installation(settings_of(home))
    made = register_months.report_month(installation, wanted, datetime.now(UTC))
    page = register_months.keep_month(made, folder or register_months.folder_of(installation, wanted))
    show(made.statement, as_json, f"{page}\n{page.with_suffix('.xlsx')}")
