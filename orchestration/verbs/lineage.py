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


@app.command()
def openlineage(
    run: Annotated[str | None, typer.Option(help="Lượt chạy · the run's id; default: the last one.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Tệp ghi ra · a file to write; without it, TIEMCHUNG_OPENLINEAGE is told."),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Sự kiện OpenLineage · a run as OpenLineage events, into a file or to the receiver of the settings."""
    from orchestration.installation import Installation
    from orchestration.launch import prepare
    from orchestration.run_log import recorded_run
    from orchestration.stages.lineage_events import tell_receiver, write_events

    settings = settings_of(home)
    receiver = str(out) if out else settings.openlineage.receiver
    if receiver is None:
        raise UsageError(
            "Name a file with --out, or a receiver in TIEMCHUNG_OPENLINEAGE (a path or an address)."
        )
    if not settings.dagster_home.exists():
        raise UsageError(f"Nothing was run in {settings.home} yet; run `tiemchung run` first.")
    prepare(settings)
    record, installation = recorded_run(settings, run), Installation(settings)
    count = write_events(installation, record, out) if out else tell_receiver(installation, record)
    told = {"run_id": record.run_id, "events": count, "receiver": receiver}
    show(told, as_json, f"{count} sự kiện · events: {receiver}")
