"""``tiemchung dump``: a PostgreSQL dump read as data, without a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table

from orchestration import terminal
from orchestration.console import number
from orchestration.terminal import Json, show

app = typer.Typer(no_args_is_help=True, help="Bản trích xuất PostgreSQL · a PostgreSQL dump, read as data.")
Dump = Annotated[
    Path,
    typer.Argument(
        help="A dump as pg_dump writes it: custom, directory, tar or plain SQL (also .gz, .lz4, .zst, .xz)."
    ),
]


@app.command("inspect")
def dump_inspect(path: Dump, as_json: Json = False) -> None:
    """Xem nội dung · what a dump contains: tables, columns and the rest, without reading its rows."""
    from handover.dump.importer import inspect_dump

    contents = inspect_dump(path).as_json()
    if as_json:
        typer.echo(json.dumps(contents, ensure_ascii=False))
        return
    terminal.out.print(_tables(contents))
    show(None, as_json=False, text="\n".join(_facts(contents)))


@app.command("import")
def dump_import(
    path: Dump,
    out: Annotated[Path, typer.Option("--out", help="The folder of Parquet folders, one per table.")],
    table: Annotated[
        list[str] | None, typer.Option("--table", help="schema.name; may be repeated; default: all.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Nhập thành Parquet · read a dump's tables into Parquet; a second call keeps what is complete."""
    from handover.dump.importer import import_dump

    with _progress(terminal.err) as on_progress:
        manifest = import_dump(path, out, tables=table or None, on_progress=on_progress).as_json()
    if as_json:
        typer.echo(json.dumps(manifest, ensure_ascii=False))
        return
    terminal.out.print(_imported(manifest))


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[int, int], None] | None]:
    """A bar over bytes with speed and an estimate; nothing where there is no terminal."""
    if not console.is_terminal:
        yield None
        return
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _tables(contents: Mapping[str, Any]) -> Table:
    """A dump's tables: schema, name, kind, columns, whether there are rows."""
    table = Table(title="Bảng trong bản trích xuất · tables of the dump", title_justify="left")
    for heading in ("bảng · table", "loại · kind", "cột · columns", "dữ liệu · data"):
        table.add_column(heading)
    for each in contents["tables"]:
        name = escape(f"{each['schema']}.{each['name']}")
        has_data = "có · yes" if each["has_data"] else "–"
        table.add_row(name, each["kind"], number(len(each["columns"])), has_data)
    return table


def _facts(contents: Mapping[str, Any]) -> Iterator[str]:
    """What a dump says of itself, what else is in it, and commands in it that nobody obeys."""
    facts = ("format", "archive_version", "server_version", "encoding", "compression")
    yield " · ".join(f"{name} {contents[name] or '–'}" for name in facts)
    yield "; ".join(f"{kind} {number(count)}" for kind, count in contents["other"].items())
    for command in contents["meta_commands"]:
        yield f"lệnh psql, không thực hiện · psql command, not obeyed: line {command['line']}, \\{command['word']}"


def _imported(manifest: Mapping[str, Any]) -> Table:
    """Tables read into Parquet: rows, bytes of COPY text, seconds, digest."""
    table = Table(title="Đã nhập · imported", title_justify="left")
    for heading in ("bảng · table", "dòng · rows", "byte", "giây · seconds", "mã kiểm · digest"):
        table.add_column(heading)
    for each in manifest["tables"]:
        name = escape(f"{each['schema']}.{each['name']}")
        table.add_row(
            name, number(each["rows"]), number(each["bytes"]), f"{each['seconds']:.2f}", each["digest"]
        )
    return table
