"""``tiemchung report [build|verify]``: the latest sealed report, sealing anew, and proving what was sealed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Column, Table

from orchestration import terminal
from orchestration.errors import UsageError
from orchestration.terminal import Home, Json, day_of, settings_of, show

if TYPE_CHECKING:
    from orchestration.reporting.seal import SealedReport
    from orchestration.stages.bridge import Bridge

app = typer.Typer(help="Báo cáo · the sealed reports.")
RESULTS = {
    "passed": "[green]đạt · passed[/]",
    "failed": "[red]không đạt · failed[/]",
    "not_evaluated": "[yellow]chưa đánh giá · not evaluated[/]",
}

REASONS = {
    "new": "mới · new",
    "withdrawn": "rút khỏi hệ thống · withdrawn",
    "data": "dữ liệu đổi ở nguồn · its data changed",
    "register": "trả lời của CSDLQGDC · the register's answer",
    "rule": "phiên bản quy tắc · version of a rule",
    "day": "đến ngày · the day of the report",
}


@app.callback(invoke_without_command=True)
def report(context: typer.Context, home: Home = None, as_json: Json = False) -> None:
    """Báo cáo mới nhất · the latest sealed report, its seal verified."""
    from orchestration.reporting.seal import read_latest

    if context.invoked_subcommand is None:
        _show(read_latest(settings_of(home).reports), as_json)


@app.command("build")
def build(
    home: Home = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="Đến ngày · the day the warehouse should stand at; default: where it does."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Niêm phong báo cáo · seal what the warehouse holds now; the same inputs give the same seal."""
    from orchestration.installation import Installation
    from orchestration.stages.publication import seal_report
    from orchestration.warehouse.scope import recorded_as_of

    installation, wanted = Installation(settings_of(home)), day_of(as_of)
    installation.warehouse.require()
    with installation.warehouse.connect() as connection:
        stands_at = recorded_as_of(connection)
    if wanted not in (None, stands_at):
        raise UsageError(
            f"The warehouse stands at {stands_at}, not at {wanted}; run the increments up to that day first "
            "(the job follow_increment, or `tiemchung run --through`)."
        )
    _show(seal_report(installation), as_json)


@app.command("verify")
def verify(
    place: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Thư mục hoặc tệp báo cáo · default: the latest.")
    ] = None,
    home: Home = None,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Tính lại từ đầu · derive every figure anew from vault and ledger."),
    ] = False,
    key: Annotated[
        Path | None, typer.Option(help="Khóa công khai · a PEM file or folder of keys to trust.", exists=True)
    ] = None,
    as_json: Json = False,
) -> None:
    """Kiểm chứng báo cáo · seal, signature, chain, vault, ledger; exit 1 when anything does not hold."""
    from orchestration.installation import Installation
    from orchestration.stages.proof import prove

    proof = prove(Installation(settings_of(home)), place, key, rebuild)
    if as_json:
        show(proof.as_json(), as_json, "")
    else:
        table = Table("kiểm tra · check", "kết quả · result", "chi tiết · detail", title=str(proof.folder))
        for each in proof.checks:
            table.add_row(f"{each.id}\n[dim]{each.vi} · {each.en}[/]", RESULTS[each.result], each.detail)
        terminal.out.print(table)
    raise typer.Exit(0 if proof.holds else 1)


def _show(latest: SealedReport, as_json: bool) -> None:
    from orchestration import console
    from orchestration.reporting.seal import report_json

    if as_json:
        show(report_json(latest), as_json, "")
        return
    terminal.out.print(console.figures(latest.statement))
    terminal.out.print(f"seal {latest.seal}\n{latest.page}", highlight=False, soft_wrap=True)


@app.command("breakdown")
def breakdown(
    by: Annotated[str, typer.Option(help="province, district, facility, id_class, vaccine, dose_number, …")],
    home: Home = None,
    figure: Annotated[list[str] | None, typer.Option(help="Chỉ tiêu · only these figures.")] = None,
    as_json: Json = False,
) -> None:
    """Phân tổ · the figures by a value, as the warehouse stands; small counts left out [TIEMCHUNG_SMALL_CELLS]."""
    from orchestration.console import number
    from orchestration.installation import Installation
    from orchestration.stages.publication import broken_down

    found = broken_down(Installation(settings_of(home)), by, figure or ())
    if as_json:
        show(found, as_json, "")
        return
    table = Table(
        by, *found["figures"], caption="đối tượng / mũi tiêm · subjects / doses; … : không nêu · not shown"
    )
    for value, row in found["values"].items():
        cells = (row.get(id_, [0, 0]) for id_ in found["figures"])
        table.add_row(value, *(" / ".join("…" if n is None else number(n) for n in cell) for cell in cells))
    terminal.out.print(table)


@app.command("bridge")
def bridge(
    earlier: Annotated[
        str | None, typer.Argument(metavar="[FROM]", help="Báo cáo trước · as 2022-04-05/0123456789ab.")
    ] = None,
    later: Annotated[
        str | None, typer.Argument(metavar="[TO]", help="Báo cáo sau · default: the last.")
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Cầu nối hai báo cáo · opening + new + in - out - withdrawn = closing; exit 1 when it does not hold."""
    from orchestration.installation import Installation
    from orchestration.stages.bridge import bridge as lead

    found = lead(Installation(settings_of(home)), earlier, later)
    if as_json:
        show(found.as_json(), as_json, "")
    else:
        terminal.out.print(*_bridge_tables(found))
        for fault in found.faults:
            terminal.out.print(fault, highlight=False, soft_wrap=True)
    raise typer.Exit(1 if found.faults else 0)


def _bridge_tables(found: Bridge) -> tuple[Table, Table]:
    from orchestration.console import number

    spans = Table(
        Column("chỉ tiêu · figure", no_wrap=True), "đầu kỳ · opening", "+ mới · new", "+ chuyển đến · in",
        "− chuyển đi · out", "− rút · withdrawn", "cuối kỳ · closing", title=f"{found.earlier} → {found.later}",
    )  # fmt: skip
    for each in found.spans:
        counts = (each.opening, each.new, each.moved_in, each.moved_out, each.withdrawn, each.closing)
        spans.add_row(each.figure, *(number(count) for count in counts))
    flows = Table("từ · from", "đến · to", "vì · why", "đối tượng · subjects")
    for flow in found.flows:
        if flow.reason != "stays":
            flows.add_row(flow.origin or "–", flow.target or "–", REASONS[flow.reason], number(flow.subjects))
    return spans, flows


@app.command("site")
def site(
    home: Home = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Thư mục · default: <home>/sites/<report>.")
    ] = None,
) -> None:
    """Trang kiểm toán · the auditor's pages of the latest report: figures, ways, packages, letter; from a file."""
    from orchestration.installation import Installation
    from orchestration.stages.site import publish_site

    terminal.out.print(str(publish_site(Installation(settings_of(home)), folder)), soft_wrap=True)
