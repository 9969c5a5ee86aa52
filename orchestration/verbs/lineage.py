"""``tiemchung lineage …``: what we know of a figure's way, written in other tools' formats.

Not here: the way as people read it (``tiemchung trace``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.errors import UsageError
from orchestration.terminal import Home, Json, settings_of, show

app = typer.Typer(no_args_is_help=True, help="Truy nguyên cho công cụ khác · lineage for other tools.")


@app.callback()
def _group() -> None:
    """Truy nguyên cho công cụ khác · lineage for other tools."""


@app.command()
def prov(
    figure: Annotated[str, typer.Argument(help="A figure's id, such as FIG-WITH-ID-WRONG-DOB.")],
    out: Annotated[Path, typer.Option(help="Tệp ghi ra · the file to write.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Ghi W3C PROV-JSON · write a figure's trace as W3C PROV-JSON, without rows."""
    from orchestration.installation import Installation
    from orchestration.interchange.prov import as_prov_json, document_of
    from orchestration.stages.tracing import trace_of

    text = as_prov_json(document_of(trace_of(Installation(settings_of(home)), figure, sample=0)))
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{out} can't be written ({error.strerror}): give a file in a folder that exists."
        ) from None
    show({"figure": figure, "file": str(out)}, as_json, f"Đã ghi · written: {out}")
