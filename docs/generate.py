"""Writes the reference pages that are made from code: figures, gate rules, the command line. `make docs` runs it.

`--check` writes nothing and exits 1, naming the pages that are not what the code says.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import register_contract
import stand_in
import typer
from tables import table

from expectations import catalogue
from expectations.exempt import EXEMPT
from handover import findings
from orchestration.cli import app
from orchestration.reporting.figures import read_figures
from orchestration.warehouse import rules
from orchestration.warehouse.project import read_manifest

REFERENCE = Path(__file__).parent / "reference"
MADE = "<!-- Made by docs/generate.py; change the code and run `make docs`. -->\n\n"


def pages() -> dict[Path, str]:
    """Every generated page with its content."""
    return {
        REFERENCE / "figures.md": MADE + "\n".join(figures()) + "\n",
        REFERENCE / "gates.md": MADE + "\n".join(gates()) + "\n",
        REFERENCE / "findings.md": MADE + "\n".join(handover_findings()) + "\n",
        REFERENCE / "rules.md": MADE + "\n".join(cleansing()) + "\n",
        REFERENCE / "rule-cases.md": MADE + "\n".join(rule_cases()) + "\n",
        REFERENCE / "command-line.md": MADE + "\n".join(command_line()) + "\n",
        REFERENCE / "stand-in.md": MADE + "\n".join(stand_in.page()) + "\n",
        REFERENCE / "register-contract.md": MADE + "\n".join(register_contract.page()) + "\n",
    }


def figures() -> Iterator[str]:
    """The registry: documented boolean columns of marts.fct_subjects."""
    yield "# Figures\n\nEach is a boolean column of `marts.fct_subjects`: subjects = rows where it is true,"
    yield "doses = the sum of their doses. Parts of one figure are disjoint and cover it.\n"
    rows = [
        (f"`{f.id}`", f.vi, f.en, f"`{f.part_of}`" if f.part_of else "", f"`{f.column}`", f.letter or "")
        for f in read_figures(read_manifest())
    ]
    yield from table(("id", "Tiếng Việt", "English", "part of", "column", "key in a letter"), rows)


def gates() -> Iterator[str]:
    """Every suite with its rules, and the relations that have none."""
    yield "# Gate rules\n\n`critical` rules block everything behind; what was not evaluated has not passed."
    yield "\n`tiemchung gates` tells what each rule came to for each package, from `quality.latest` in the warehouse;"
    yield "every judgement stays in `quality.results`. A result holds until rows are imported anew. Pages for people"
    yield "lie in `data_docs/` of the home; each asset check in Dagster links to its rule there."
    for relation, suite in catalogue.suites().items():
        yield f"\n## {relation}\n"
        rows = [(f"`{r.id}`", r.severity.value, r.claim_vi, r.claim_en, r.origin) for r in suite]
        yield from table(("rule", "severity", "Tiếng Việt", "English", "origin"), rows)
    yield "\n## Relations without a suite\n"
    yield from table(("relation", "why"), ((f"`{relation}`", reason) for relation, reason in EXEMPT.items()))


def handover_findings() -> Iterator[str]:
    """The catalogue of what can be wrong with a handover."""
    yield "# Findings of a handover\n\nWith a critical or major finding a cell of the matrix is not received in full.\n"
    rows = [
        (f"`{kind.id}`", kind.severity.value, kind.vi, kind.en, kind.checks, kind.why, kind.remedy)
        for kind in findings.catalogue().values()
    ]
    yield from table(("id", "severity", "Tiếng Việt", "English", "what is checked", "why", "remedy"), rows)


GRAINS = {"subject": "Subjects", "dose": "Doses", "facility": "Facilities"}


def cleansing() -> Iterator[str]:
    """The catalogue of cleansing rules with every version of each, and the lists that the rules read."""
    yield f"# Cleansing rules\n\nRule set {rules.newest_rule_set()} is in force. A critical finding holds a subject"
    yield "back, a warning or an info doesn't. A proposed repair is for people to decide; none is ever applied."
    yield "`tiemchung rules try` runs these rules on the rows of a file, `tiemchung rules diff` runs two sets on the"
    yield "home's rows. Cases of each: [rule-cases.md](rule-cases.md).\n"
    for grain, title in GRAINS.items():
        yield f"\n## {title}\n"
        yield from table(
            ("rule", "severity", "field", "Tiếng Việt", "English", "proposes", "why", "version", "rule sets"),
            (_rule_cells(rule) for rule in rules.cleansing_rules() if rule.grain == grain),
        )


def _rule_cells(rule: rules.CleansingRule) -> tuple[str, ...]:
    sets = f"{rule.since} to {rule.until}" if rule.until else f"{rule.since} on"
    proposes = f"`{rule.proposes}`" if rule.proposes else ""
    named = (f"`{rule.id}`", rule.severity, f"`{rule.field}`", rule.vi, rule.en, proposes, rule.source)
    return (*named, f"{rule.version}, of {rule.effective_from}", sets)


def rule_cases() -> Iterator[str]:
    """The tables that the tests of the rules read."""
    yield "# Cases of the rules\n\nThe tests read these tables; `\\uXXXX` stands for a character that the eye cannot"
    yield "tell. `rules` lists every rule that finds something in the case; no other may."
    for path in sorted((Path(__file__).parents[1] / "tests" / "spec" / "tables").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            heading, *rows = csv.reader(file)
        yield f"\n## {path.stem.replace('_', ' ')}\n"
        yield from table(tuple(heading), [tuple(f"`{cell}`" if cell else "" for cell in row) for row in rows])


def command_line() -> Iterator[str]:
    """Every verb with its options."""
    yield "# Command line\n\nExit codes: 0 done, 1 the answer is no, 2 bad usage or input."
    yield from verbs(typer.main.get_command(app), "tiemchung")


def verbs(command: Any, name: str) -> Iterator[str]:
    """A verb's words and options, or its sub-verbs' where it has some."""
    if hasattr(command, "commands"):
        for sub, below in command.commands.items():
            yield from verbs(below, f"{name} {sub}")
        return
    yield f"\n## `{name}`\n\n{(command.help or '').strip()}\n"
    options = [p for p in command.params if p.name != "help"]
    rows = [
        (
            f"`{', '.join(p.opts)}`",
            getattr(p, "help", "") or "",
            "" if p.required or p.default is None or p.default is False else str(p.default),
        )
        for p in options
    ]
    yield from table(("option", "meaning", "default"), rows)


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    stale = [
        path
        for path, text in pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(REFERENCE.parents[1])} is not what the code says; run `make docs`.")
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages()[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
