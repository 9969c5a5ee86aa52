"""``tiemchung gates``: what every rule of the gates came to, for every package."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration import terminal
from orchestration.terminal import Home, Json, settings_of, show

Relation = Annotated[
    str | None,
    typer.Option("--relation", help="Chỉ một bảng · only this one, such as cleansing.int_subjects."),
]


def gates(home: Home = None, relation: Relation = None, as_json: Json = False) -> None:
    """Kết quả các cổng kiểm soát · every gate rule and package: passed, failed or not evaluated.

    Exit 1 when a critical rule failed or was not evaluated.
    """
    from expectations.verdict import Severity, State
    from orchestration import console
    from orchestration.installation import Installation
    from orchestration.stages.judgement import latest_outcomes

    installation = Installation(settings_of(home))
    outcomes = latest_outcomes(installation, relation)
    stopping = [o for o in outcomes if o.severity == Severity.CRITICAL and o.state is not State.PASSED]
    if as_json:
        pages = str(installation.data_docs / "index.html")
        told = {"results": [o.as_json() for o in outcomes], "is_open": not stopping, "data_docs": pages}
        show(told, as_json, "")
    else:
        terminal.out.print(console.outcomes(outcomes))
        for line in console.outcome_lines(outcomes, installation.data_docs / "index.html"):
            terminal.out.print(line, highlight=False, soft_wrap=True)
    raise typer.Exit(1 if stopping else 0)
