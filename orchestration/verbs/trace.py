"""``tiemchung trace`` and ``tiemchung where``: a figure to its rows and beginnings, a row to its figures."""

from __future__ import annotations

import re
import webbrowser
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orchestration.errors import UsageError
from orchestration.settings import has_screen
from orchestration.terminal import Home, Json, settings_of, show

if TYPE_CHECKING:
    from orchestration.installation import Installation

_ADDRESS = re.compile(r"([^/\s]{1,200})/([^/\s]{1,200})/([0-9]{1,18})")

Live = Annotated[
    bool,
    typer.Option(
        "--live",
        help="Kho dữ liệu hiện tại · the warehouse as it stands now, sealed or not, instead of the last report.",
    ),
]

Open = Annotated[
    bool,
    typer.Option(
        "--open", help="Mở thành trang · the same as a page, opened where there is a screen; prints its path."
    ),
]


def trace(
    figure: Annotated[str, typer.Argument(help="A figure's id, such as FIG-WITH-ID-WRONG-DOB.")],
    home: Home = None,
    rows: Annotated[int, typer.Option(help="How many rows to tell the story of.", min=0, max=1000)] = 5,
    where: Annotated[
        list[str] | None, typer.Option(help="Chỉ các dòng · only rows with this value: province_code=001.")
    ] = None,
    reveal: Annotated[
        bool,
        typer.Option(
            "--reveal", help="Hiện dữ liệu cá nhân · personal data in clear; written to the access log."
        ),
    ] = False,
    officer: Annotated[str | None, typer.Option(help="Cán bộ · who looks, for --reveal.")] = None,
    reason: Annotated[str | None, typer.Option(help="Lý do · why, for --reveal.")] = None,
    live: Live = False,
    is_page: Open = False,
    as_json: Json = False,
) -> None:
    """Truy nguyên số liệu · from a figure of the last report to its rows, dump, bag and letter.

    Exit code 1 when the rows are not those that were counted and sealed.
    """
    from orchestration.installation import Installation
    from orchestration.lineage.telling import tell
    from orchestration.reporting.answers import keep_trace
    from orchestration.stages.tracing import Disclosure, trace_of

    if reveal and not (officer and reason):
        raise UsageError("--reveal needs --officer and --reason.")
    if reveal and is_page:
        raise UsageError(
            "Personal data is shown here and never written to a page; leave --open or --reveal out."
        )
    disclosure = Disclosure(officer or "", reason or "") if reveal else None
    installation = Installation(settings_of(home))
    narrowing = _narrowing(where or ())
    traced = trace_of(installation, figure, rows, narrowing, disclosure, datetime.now(UTC), is_live=live)
    _answer(traced, as_json, "" if as_json else tell(traced), keep_trace if is_page else None, installation)
    if False in (traced["rows"]["is_as_counted"], traced["rows"]["is_as_sealed"]):
        raise typer.Exit(1)


def where(
    row: Annotated[
        str, typer.Argument(metavar="SUBJECT|ADDRESS", help="A subject's number, or delivery/table/row.")
    ],
    home: Home = None,
    live: Live = False,
    is_page: Open = False,
    as_json: Json = False,
) -> None:
    """Dòng này ở đâu · every figure that holds this row, and the first condition it fails for the others."""
    from orchestration.installation import Installation
    from orchestration.reporting.answers import keep_where
    from orchestration.stages.tracing import where_of

    installation = Installation(settings_of(home))
    found = where_of(installation, _wanted(row), is_live=live)
    _answer(found, as_json, "\n".join(_lines(found)), keep_where if is_page else None, installation)


def _answer(
    answer: dict[str, Any],
    as_json: bool,
    text: str,
    keep: Callable[[dict[str, Any], Path], Path] | None,
    installation: Installation,
) -> None:
    """Print an answer, or keep it as a page, say where, and open it where there is a screen."""
    if keep is None:
        show(answer, as_json, text)
        return
    page = keep(answer, installation.settings.home / "pages")
    show(answer | {"page": str(page)}, as_json, str(page))
    if has_screen():
        webbrowser.open(page.as_uri())


def _narrowing(texts: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in texts:
        column, is_given, value = text.partition("=")
        if not is_given or column in found:
            raise UsageError("--where should look like province_code=001, each column once.")
        found[column] = value
    return found


def _wanted(text: str) -> Any:
    from orchestration.lineage.rows import Address

    if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        return int(text)
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise UsageError("Give a subject's number (digits), or a row's address: delivery/table/row.")
    return Address(found[1], found[2], int(found[3]))


def _lines(found: dict[str, Any]) -> Iterable[str]:
    from orchestration.lineage.telling import tell_row

    yield _place(found["address"])
    for station in found["stations"]:
        yield f"  {station['relation']:40} {'có · there' if station['is_there'] else 'không · not there'}"
    if replaced := found["replaced"]:
        since = replaced["on"] or "cùng gói · the same package"
        yield f"  thay bởi · replaced by: {_place(replaced['by'])}  ({since})"
    if found["counted_by"] and found["counted_by"] != found["address"]:
        yield f"  tính theo · counted by: {_place(found['counted_by'])}"
    if found["history"]:
        yield from tell_row(found["history"])
    yield "Số liệu · Figures"
    for figure in found["figures"]:
        mark = "✓" if figure["holds"] else "–"
        yield f"  {mark} {figure['id']:36} {figure['vi']} · {figure['en']}"
        if figure["fails"]:
            values = ", ".join(f"{name} = {value}" for name, value in figure["values"].items())
            subject = "; đối tượng có · its subject is held" if figure["subject_holds"] else ""
            yield f"      {figure['fails']}" + (f"  ({values})" if values else "") + subject
    yield "Báo cáo đã niêm phong · Sealed reports"
    for report in found["reports"]:
        held = sum(each is True for each in report["figures"].values())
        unknown = sum(each is None for each in report["figures"].values())
        yield f"  {report['name']}: {held} số liệu có · hold it, {unknown} chưa đánh giá · not evaluated"


def _place(address: dict[str, Any]) -> str:
    return f"{address['delivery']}  {address['table']}  {address['row']}"
