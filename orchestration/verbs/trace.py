"""``tiemchung trace`` and ``tiemchung where``: a figure to its rows and beginnings, a row to its figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from orchestration.errors import UsageError
from orchestration.terminal import Home, Json, settings_of, show

_ADDRESS = re.compile(r"([^/\s]{1,200})/([^/\s]{1,200})/([0-9]{1,18})")


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
    as_json: Json = False,
) -> None:
    """Truy nguyên số liệu · from a figure to its rows, dump, bag and letter."""
    from orchestration.installation import Installation
    from orchestration.lineage.telling import tell
    from orchestration.stages.tracing import Disclosure, trace_of

    if reveal and not (officer and reason):
        raise UsageError("--reveal needs --officer and --reason.")
    disclosure = Disclosure(officer or "", reason or "") if reveal else None
    installation = Installation(settings_of(home))
    traced = trace_of(installation, figure, rows, _narrowing(where or ()), disclosure, datetime.now(UTC))
    show(traced, as_json, "" if as_json else tell(traced))


def where(
    row: Annotated[
        str, typer.Argument(metavar="SUBJECT|ADDRESS", help="A subject's number, or delivery/table/row.")
    ],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Dòng này ở đâu · every figure that holds this row, and the first condition it fails for the others."""
    from orchestration.installation import Installation
    from orchestration.stages.tracing import where_of

    found = where_of(Installation(settings_of(home)), _wanted(row))
    show(found, as_json, "\n".join(_lines(found)))


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

    address = found["address"]
    yield f"{address['delivery']}  {address['table']}  {address['row']}"
    for station in found["stations"]:
        yield f"  {station['relation']:40} {'có · there' if station['is_there'] else 'không · not there'}"
    if found["counted_by"] and found["counted_by"] != address:
        counted = found["counted_by"]
        yield f"  tính theo · counted by: {counted['delivery']}  {counted['table']}  {counted['row']}"
    if found["history"]:
        yield from tell_row(found["history"])
    yield "Số liệu · Figures"
    for figure in found["figures"]:
        mark = "✓" if figure["holds"] else "–"
        yield f"  {mark} {figure['id']:36} {figure['vi']} · {figure['en']}"
        if figure["fails"]:
            values = ", ".join(f"{name} = {value}" for name, value in figure["values"].items())
            yield f"      {figure['fails']}" + (f"  ({values})" if values else "")
    yield "Báo cáo đã niêm phong · Sealed reports"
    for report in found["reports"]:
        held = sum(each is True for each in report["figures"].values())
        unknown = sum(each is None for each in report["figures"].values())
        yield f"  {report['name']}: {held} số liệu có · hold it, {unknown} chưa đánh giá · not evaluated"
