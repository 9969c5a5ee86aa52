"""``tiemchung handover``: what was promised, what came, what is wrong with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from handover.parts import Component, Deliverable
from orchestration import terminal
from orchestration.terminal import Home, Json, day_of, settings_of, show

app = typer.Typer(no_args_is_help=True, help="Bàn giao · the handover's state.")


@app.command("status")
def handover_status(
    home: Home = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day to judge, yyyy-mm-dd; default: the last assessment's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Ma trận 16 ô · what was promised, what came, what is outstanding."""
    from orchestration import console
    from orchestration.installation import Installation
    from orchestration.stages.completeness import completeness_as_of

    assessed = completeness_as_of(Installation(settings_of(home)), day_of(as_of))
    if as_json:
        typer.echo(json.dumps(assessed, ensure_ascii=False))
    else:
        terminal.out.print(console.matrix(assessed))
        terminal.out.print(console.obligations(assessed))


@app.command("assess")
def handover_assess(
    package: Annotated[
        Path, typer.Argument(help="A BagIt bag, a folder, a .zip or a .tar[.gz|.bz2|.xz|.zst].")
    ],
    home: Home = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day to judge obligations, yyyy-mm-dd; default: the snapshot's.")
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Where to write the page (HTML).")] = None,
    as_json: Json = False,
) -> None:
    """Đánh giá một gói bàn giao · assess a package without receiving it; exit 1 when it is not good."""
    from handover.malware import scan
    from handover.obligations import load_correspondence
    from orchestration import console
    from orchestration.installation import Installation
    from orchestration.reporting.handover_page import render_handover
    from orchestration.settings import environ_for_others
    from orchestration.stages.assessment import assess_package

    settings = settings_of(home)
    known = Installation(settings).vault.deliveries()
    scanner = partial(scan, command=settings.scan_command, environ=environ_for_others())
    assessment = assess_package(
        package, settings.home / "scratch", known, datetime.now(UTC), day_of(as_of), scanner=scanner
    )
    told = assessment.as_json()
    if page:
        page.write_text(render_handover(told, load_correspondence()), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        terminal.out.print(console.matrix(told))
        terminal.out.print(*console.handover_findings(told), sep="\n", highlight=False, soft_wrap=True)
        terminal.out.print(console.malware_scan(told), highlight=False, soft_wrap=True)
        terminal.out.print(console.obligations(told))
    raise typer.Exit(0 if assessment.is_good else 1)


@app.command("attest")
def handover_attest(
    delivery: Annotated[str, typer.Argument(help="The id of a received delivery.")],
    component: Annotated[Component, typer.Option(help="The component.")],
    deliverable: Annotated[Deliverable, typer.Option(help="What of it.")],
    level: Annotated[
        int, typer.Option(min=3, max=5, help="3 it builds, 4 the build equals the installer, 5 it runs.")
    ],
    evidence: Annotated[
        Path, typer.Option(help="A file that shows it: a build log, a comparison, a test record.")
    ],
    by: Annotated[str, typer.Option(help="Who attests it.")],
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Xác nhận mức 3-5 · attest a level of one cell, with evidence kept in the vault."""
    from orchestration.installation import Installation
    from orchestration.stages.completeness import attest_cell

    place = (component, deliverable)
    made = attest_cell(
        Installation(settings_of(home)), delivery, place, level, evidence, by, datetime.now(UTC)
    )
    text = (
        f"{component}/{deliverable}: mức · level {level}; bằng chứng · evidence sha256 {made.evidence_sha256}"
    )
    show(made.as_json(), as_json, text)
