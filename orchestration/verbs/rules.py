"""``tiemchung rules``: the cleansing rules, tried on values and compared between their versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from orchestration import terminal
from orchestration.console import number
from orchestration.terminal import Home, Json, day_of, settings_of, show

app = typer.Typer(no_args_is_help=True, help="Quy tắc làm sạch · the cleansing rules.")
trying = typer.Typer(no_args_is_help=True, help="Thử giá trị · judge the rows of a CSV file by the models.")
app.add_typer(trying, name="try")

File = Annotated[
    Path, typer.Argument(help="A CSV file in UTF-8 with a first line of column names.", exists=True)
]
Set = Annotated[
    int | None, typer.Option("--rule-set", help="Bộ quy tắc · an older rule set; default: the newest.")
]
GRAINS = {"subject": "Đối tượng · subjects", "dose": "Mũi tiêm · doses"}
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="The last day whose doses count; default: today in Viet Nam.")
]


@app.command("list")
def rules_list(rule_set: Set = None, as_json: Json = False) -> None:
    """Danh mục quy tắc · the rules of a rule set: id, severity, what each finds."""
    from orchestration.warehouse import rules

    chosen = rules.rule_set(rules.newest_rule_set() if rule_set is None else rule_set)
    if as_json:
        show([asdict(rule) for rule in chosen], as_json, "")
        return
    told = ((rule.id, str(rule.version), rule.severity, f"{rule.vi}\n{rule.en}") for rule in chosen)
    terminal.out.print(
        _table(("quy tắc · rule", "bản · version", "mức · severity", "phát hiện · finds"), told)
    )


@trying.command("names")
def try_names(file: File, home: Home = None, rule_set: Set = None, as_json: Json = False) -> None:
    """Cặp họ tên · which names of the columns a,b are equal, and by which rule."""
    from orchestration.stages import trial

    _tell(trial.try_names(file, settings_of(home), rule_set), as_json)


@trying.command("ids")
def try_ids(
    file: File, home: Home = None, as_of: AsOf = None, rule_set: Set = None, as_json: Json = False
) -> None:
    """Số giấy tờ · kind, findings and repair of id_number,date_of_birth,sex,province."""
    from orchestration.stages import trial

    _tell(trial.try_ids(file, settings_of(home), day_of(as_of), rule_set), as_json)


@trying.command("doses")
def try_doses(
    file: File, home: Home = None, as_of: AsOf = None, rule_set: Set = None, as_json: Json = False
) -> None:
    """Mũi tiêm · findings of subject,date_of_birth,vaccine,injected_on."""
    from orchestration.stages import trial

    _tell(trial.try_doses(file, settings_of(home), day_of(as_of), rule_set), as_json)


@app.command("diff")
def rules_diff(
    older: Annotated[int, typer.Argument(metavar="A", help="A rule set, such as 1.")],
    newer: Annotated[int, typer.Argument(metavar="B", help="Another one, such as 2.")],
    home: Home = None,
    rows: Annotated[
        int, typer.Option(help="How many addresses to show of each change.", min=0, max=1000)
    ] = 3,
    as_json: Json = False,
) -> None:
    """So hai bộ quy tắc · which rows change class between two rule sets on the home's rows."""
    from orchestration.stages.rule_sets import compare_rule_sets

    comparison = compare_rule_sets(settings_of(home), older, newer, rows)
    if as_json:
        show(comparison.as_json(), as_json, "")
    else:
        for grain in comparison.grains:
            table = _table(
                ("từ · from", "đến · to", "dòng · rows"),
                ((flow.old, flow.new, number(flow.rows)) for flow in grain.flows),
            )
            table.title = (
                f"{GRAINS[grain.grain]}: {number(grain.total)} dòng · rows,"
                f" {number(grain.changed)} đổi lớp · change class"
            )
            terminal.out.print(table)
        found = ((rule.rule_id, number(rule.old), number(rule.new)) for rule in comparison.rules)
        terminal.out.print(_table(("quy tắc · rule", f"bộ · set {older}", f"bộ · set {newer}"), found))
    raise typer.Exit(0 if comparison.is_total_kept else 1)


def _tell(answers: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        show({"rows": answers}, as_json, "")
        return
    headings = list(answers[0]) if answers else ["row"]
    terminal.out.print(_table(headings, ([_text(row[name]) for name in headings] for row in answers)))


def _text(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value)
    if isinstance(value, bool):
        return "bằng · yes" if value else "khác · no"
    return "–" if value is None else str(value)


def _table(headings: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    table = Table(*headings)
    for row in rows:
        table.add_row(*row)
    return table
