"""The command line ``tiemchung``: thin verbs over the platform.

Exit codes: 0 done; 1 the answer is no (a gate failed, a seal is broken, a letter does not add up);
2 bad usage or input.
Heavy parts are imported by the verb that needs them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.markup import escape

from handover.parts import Component, Deliverable
from orchestration.settings import Settings

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Nền tảng tiêm chủng · from handover to figures."
)
handover_app = typer.Typer(no_args_is_help=True, help="Bàn giao · the handover's state.")
letter_app = typer.Typer(no_args_is_help=True, help="Công văn · official letters as data.")
register_app = typer.Typer(no_args_is_help=True, help="CSDLQGDC · the stand-in population register.")
vault_app = typer.Typer(no_args_is_help=True, help="Kho niêm phong · the vault of sealed deliveries.")
app.add_typer(handover_app, name="handover")
app.add_typer(letter_app, name="letter")
app.add_typer(register_app, name="register")
app.add_typer(vault_app, name="vault")

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


@app.command()
def synth(
    folder: Annotated[Path, typer.Option("--out", help="Where to write; must not exist or be empty.")],
    scale: Annotated[
        float, typer.Option(help="1 is the nation: 82,957,967 subjects.", min=0.0001, max=1)
    ] = 0.001,
    seed: Annotated[int, typer.Option(help="The same seed gives the same country, byte for byte.")] = 1,
    as_json: Json = False,
) -> None:
    """Tạo quốc gia giả lập · make a synthetic country: delivery, increments, register, letter."""
    from handover.synthetic.country import make_country

    on_progress = None if as_json else lambda text: err.print(f"  {text}", highlight=False)
    country = make_country(folder, scale=scale, seed=seed, on_progress=on_progress)
    facts = {name: _plain(value) for name, value in dataclasses.asdict(country).items()}
    _print(facts, as_json, "\n".join(f"{name}: {value}" for name, value in facts.items()))


@app.command()
def prepare(home: Home = None) -> None:
    """Chuẩn bị · make the home directory ready and parse the dbt project."""
    from orchestration import launch

    launch.prepare(_settings(home))


@app.command()
def run(
    home: Home = None,
    delivery: Annotated[
        Path | None,
        typer.Option(
            help="The vendor's package: a bag, a folder, a zip or tar archive; none: a synthetic country."
        ),
    ] = None,
    register: Annotated[
        str | None, typer.Option(help="The register's URL, or a persons Parquet for the stand-in.")
    ] = None,
    letter: Annotated[Path | None, typer.Option(help="The letter to set the figures beside (YAML).")] = None,
    scale: Annotated[float, typer.Option(min=0.0001, max=1)] = 0.001,
    seed: int = 1,
    through: Annotated[
        str | None, typer.Option(help="Then follow the daily increments up to this day.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Chạy toàn bộ · the main job: from a delivery to a sealed, traced report."""
    from orchestration import journey

    inputs = journey.choose_inputs(_settings(home), delivery, register, letter, scale, seed, err)
    result = journey.travel(inputs, _date(through), err)
    if as_json:
        typer.echo(json.dumps(result.as_json(), ensure_ascii=False))
    else:
        result.show(out)
    raise typer.Exit(result.exit_code)


@app.command()
def dev(home: Home = None, port: int = 3000) -> None:
    """Mở giao diện Dagster · Dagster's UI on this home, with the stand-in register where one is needed."""
    from orchestration import journey

    raise typer.Exit(journey.serve_interface(_settings(home), port, err))


@app.command()
def report(home: Home = None, as_json: Json = False) -> None:
    """Báo cáo mới nhất · the latest sealed report, its seal verified."""
    from orchestration import console
    from orchestration.reporting.seal import read_latest, report_json

    latest = read_latest(_settings(home).reports)
    if as_json:
        typer.echo(json.dumps(report_json(latest), ensure_ascii=False))
        return
    out.print(console.figures(latest.statement))
    out.print(f"seal {latest.seal}\n{latest.folder / 'report.html'}", highlight=False, soft_wrap=True)


@app.command()
def trace(
    figure: Annotated[str, typer.Argument(help="A figure's id, such as FIG-WITH-ID-WRONG-DOB.")],
    home: Home = None,
    rows: Annotated[int, typer.Option(help="How many row addresses to sample.", min=0, max=1000)] = 5,
    as_json: Json = False,
) -> None:
    """Truy nguyên số liệu · from a figure to its rows, dump, bag and letter."""
    from orchestration.installation import Installation
    from orchestration.lineage.telling import tell
    from orchestration.stages.tracing import trace_of

    traced = trace_of(Installation(_settings(home)), figure, rows).as_json()
    _print(traced, as_json, tell(traced))


@letter_app.command("audit")
def letter_audit(
    file: Annotated[Path, typer.Argument(help="A letter as YAML.")], as_json: Json = False
) -> None:
    """Rà soát tổng · do the letter's figures add up? Exit code 1 when one does not."""
    from orchestration import console
    from orchestration.reporting.audit import audit
    from orchestration.reporting.letters import read_letters
    from orchestration.stages.publication import printed_findings

    letters = read_letters(file)
    findings = [finding.as_json() for letter in letters for finding in audit(letter)]
    told = [
        line for letter in letters for line in console.letter_findings(file.name, printed_findings(letter))
    ]
    _print({"findings": findings}, as_json, "\n".join(told))
    raise typer.Exit(1 if findings else 0)


@handover_app.command("status")
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

    assessed = completeness_as_of(Installation(_settings(home)), _date(as_of))
    if as_json:
        typer.echo(json.dumps(assessed, ensure_ascii=False))
    else:
        out.print(console.matrix(assessed))
        out.print(console.obligations(assessed))


@handover_app.command("assess")
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
    from handover.obligations import load_correspondence
    from orchestration import console
    from orchestration.installation import Installation
    from orchestration.reporting.handover_page import render_handover
    from orchestration.stages.assessment import assess_package

    settings = _settings(home)
    known = Installation(settings).vault.deliveries()
    assessment = assess_package(
        package, settings.home / "scratch", known, datetime.now(UTC), _date(as_of), settings.scan_command
    )
    told = assessment.as_json()
    if page:
        page.write_text(render_handover(told, load_correspondence()), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        out.print(console.matrix(told))
        out.print(*console.handover_findings(told), sep="\n", highlight=False, soft_wrap=True)
        out.print(console.malware_scan(told), highlight=False, soft_wrap=True)
        out.print(console.obligations(told))
    raise typer.Exit(0 if assessment.is_good else 1)


@handover_app.command("attest")
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
    made = attest_cell(Installation(_settings(home)), delivery, place, level, evidence, by, datetime.now(UTC))
    text = (
        f"{component}/{deliverable}: mức · level {level}; bằng chứng · evidence sha256 {made.evidence_sha256}"
    )
    _print(made.as_json(), as_json, text)


@vault_app.command("verify")
def vault_verify(home: Home = None, as_json: Json = False) -> None:
    """Kiểm tra kho · read every object of the vault; exit 1 when one is changed, missing or extra."""
    from handover.soundness import examine
    from orchestration import console

    found = examine(_settings(home).vault)
    _print(found.as_json(), as_json, "\n".join(console.vault_lines(found)))
    raise typer.Exit(0 if found.is_sound else 1)


@register_app.command("serve")
def register_serve(
    persons: Annotated[Path, typer.Option(help="The register's persons (register.parquet).")],
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8650,
    token: Annotated[
        str | None, typer.Option(help="The callers' bearer token [TIEMCHUNG_REGISTER_TOKEN].")
    ] = None,
    home: Home = None,
) -> None:
    """Máy chủ thay thế CSDLQGDC · serve the stand-in register on loopback until interrupted."""
    from orchestration.simulator.server import serve

    serve(persons, host="127.0.0.1", port=port, token=token or _settings(home).register.token)


def main() -> None:
    """Run the command line; known errors become one sentence on stderr and an exit code."""
    from orchestration.failures import exit_code_of

    try:
        app()
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        err.print(f"[red]Lỗi · error:[/] {escape(str(error))}", markup=True, highlight=False, soft_wrap=True)
        sys.exit(code)


def _settings(home: Path | None) -> Settings:
    settings = Settings.from_environ()
    return settings.at(home.resolve()) if home else settings


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is not a date like 2022-04-08.") from error


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


def _print(content: Any, as_json: bool, text: str) -> None:
    if as_json:
        typer.echo(json.dumps(content, ensure_ascii=False))
    else:
        out.print(text, markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    main()
