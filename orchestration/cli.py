"""The command line ``tiemchung``: thin verbs over the platform.

Exit codes: 0 done; 1 the answer is no (a gate failed, a seal is broken, a letter does not add up);
2 bad usage or input.
Heavy parts are imported by the verb that needs them, so that ``--help`` answers at once.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from orchestration import terminal
from orchestration.garbage import collect_seldom
from orchestration.terminal import Home, Json, day_of, settings_of, show
from orchestration.verbs import (
    dump,
    gates,
    handover,
    increments,
    lineage,
    register,
    report,
    rules,
    trace,
    vault,
)

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Nền tảng tiêm chủng · from handover to figures."
)
letter_app = typer.Typer(no_args_is_help=True, help="Công văn · official letters as data.")
register_app = register.app
app.add_typer(handover.app, name="handover")
app.add_typer(dump.app, name="dump")
app.add_typer(letter_app, name="letter")
app.add_typer(register_app, name="register")
app.add_typer(vault.app, name="vault")
app.add_typer(rules.app, name="rules")
app.add_typer(report.app, name="report")
app.add_typer(lineage.app, name="lineage")
app.command()(gates.gates)
app.command()(increments.increments)
app.command()(trace.trace)
app.command()(trace.where)


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

    on_progress = None if as_json else lambda text: terminal.err.print(f"  {text}", highlight=False)
    country = make_country(folder, scale=scale, seed=seed, on_progress=on_progress)
    facts = {name: _plain(value) for name, value in dataclasses.asdict(country).items()}
    show(facts, as_json, "\n".join(f"{name}: {value}" for name, value in facts.items()))


@app.command()
def prepare(home: Home = None) -> None:
    """Chuẩn bị · make the home directory ready and parse the dbt project."""
    from orchestration import launch

    launch.prepare(settings_of(home))


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
        str | None,
        typer.Option(
            help="Then follow the daily increments up to this day; only those that no report has yet."
        ),
    ] = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Start with the delivery, and build every relation anew.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Chạy toàn bộ · the main job: from a delivery to a sealed, traced report."""
    from orchestration import journey

    inputs = journey.choose_inputs(settings_of(home), delivery, register, letter, scale, seed, terminal.err)
    result = journey.travel(inputs, day_of(through), terminal.err, is_anew=anew)
    if as_json:
        typer.echo(json.dumps(result.as_json(), ensure_ascii=False))
    else:
        result.show(terminal.out)
    raise typer.Exit(result.exit_code)


@app.command()
def dev(home: Home = None, port: int = 3000) -> None:
    """Mở giao diện Dagster · Dagster's UI on this home, with the stand-in register where one is needed."""
    from orchestration import journey

    raise typer.Exit(journey.serve_interface(settings_of(home), port, terminal.err))


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
    show({"findings": findings}, as_json, "\n".join(told))
    raise typer.Exit(1 if findings else 0)


@register_app.command("serve")
def register_serve(
    persons: Annotated[Path, typer.Option(help="The register's persons (register.parquet).")],
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8650,
    token: Annotated[
        str | None, typer.Option(help="The callers' bearer token [TIEMCHUNG_REGISTER_TOKEN].")
    ] = None,
    book: Annotated[
        Path | None, typer.Option(help="A file that remembers what was received, over restarts.")
    ] = None,
    faults: Annotated[
        Path | None,
        typer.Option(help="A file (YAML) of what goes wrong, for trials: docs/reference/stand-in.md."),
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="PEM: the server's chain; makes it https, with --key.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="PEM: the certificate's key.")] = None,
    rows: Annotated[int | None, typer.Option(min=1, help="Rows of one batch that it takes.")] = None,
    batches_at_once: Annotated[int | None, typer.Option(min=1, help="Batches at the same time.")] = None,
    rows_per_second: Annotated[int | None, typer.Option(min=1, help="Announced, not enforced.")] = None,
    rows_per_day: Annotated[int | None, typer.Option(min=1, help="Rows a day; more is refused.")] = None,
    home: Home = None,
) -> None:
    """Máy chủ thay thế CSDLQGDC · serve the stand-in register on loopback until interrupted."""
    from orchestration.simulator.register import Limits
    from orchestration.simulator.server import Certificate, serve

    if (certificate is None) != (key is None):
        raise typer.BadParameter("--certificate and --key belong together")
    serve(
        persons,
        host="127.0.0.1",
        port=port,
        token=token or settings_of(home).register.token,
        limits=Limits(
            rows=rows or Limits.rows,
            batches_at_once=batches_at_once,
            rows_per_second=rows_per_second,
            rows_per_day=rows_per_day,
        ),
        book=book,
        faults=faults,
        certificate=Certificate(certificate, key) if certificate and key else None,
    )


def main() -> None:
    """Run the command line; known errors become one sentence on stderr and an exit code."""
    from orchestration.failures import exit_code_of

    collect_seldom()
    try:
        app()
    except Exception as error:
        code = exit_code_of(error)
        if code is None:
            raise
        terminal.err.print(
            f"[red]Lỗi · error:[/] {escape(str(error))}", markup=True, highlight=False, soft_wrap=True
        )
        sys.exit(code)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value


if __name__ == "__main__":
    main()
