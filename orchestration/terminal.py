"""What all verbs share: where they print, the options every one has, and how a day or a home is read."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console

from orchestration.settings import Settings

WIDE = 132
"""Columns of what is printed into a file or a pipe."""


def console_of(stream: TextIO) -> Console:
    """A console as wide as its terminal, or wide enough for the tables where there is none."""
    return Console(file=stream, width=None if stream.isatty() else WIDE)


Home = Annotated[
    Path | None, typer.Option("--home", help="Thư mục dữ liệu · home directory [TIEMCHUNG_HOME, ./var].")
]
Json = Annotated[bool, typer.Option("--json", help="Dạng máy đọc · print JSON.")]
out = console_of(sys.stdout)
err = console_of(sys.stderr)


def settings_of(home: Path | None) -> Settings:
    """The installation's settings, for another home where one is named."""
    settings = Settings.from_environ()
    return settings.at(home.resolve()) if home else settings


def day_of(text: str | None) -> date | None:
    """A day as people type it; raises :class:`typer.BadParameter` for anything else."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date like 2022-04-08.") from error


def show(content: Any, as_json: bool, text: str) -> None:
    """Print an answer: as JSON for machines, or as text."""
    if as_json:
        typer.echo(json.dumps(content, ensure_ascii=False))
    else:
        out.print(text, markup=False, highlight=False, soft_wrap=True)
