"""The page of a report: the statement as people read it, Vietnamese first with English beside it.

Belongs here: order, words and number formats. No number is computed here but depths and shares for the eye;
everything else comes from the statement (:mod:`orchestration.reporting.report`). The environment serves all pages.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2

from orchestration.reporting import charts

TEMPLATES = Path(__file__).with_name("templates")
TEMPLATE = "report.html.j2"
MINUS = "\N{MINUS SIGN}"
HIDDEN = "…"
"""Stands for a count that is not shown."""
COMPARED = ("FIG-ON-SYSTEM", "FIG-SENT", "FIG-WITH-ID-CORRECT", "FIG-WITH-ID-WRONG", "FIG-WITHOUT-ID")
"""What provinces are set beside each other by; figures that are not registered are left out."""
REASONS_OF = "FIG-WITH-ID-WRONG"
"""The figure whose parts are set beside each other as bars."""
SHARED = ("FIG-WITH-ID-CORRECT", "FIG-ON-SYSTEM")
"""What the map shows: the first figure's share of the second."""


def render_page(statement: Mapping[str, Any], seal: str) -> str:
    """The page as HTML; the same statement and seal give the same text."""
    figures = in_tree_order(statement["figures"])
    return (
        environment()
        .get_template(TEMPLATE)
        .render(
            statement=statement,
            seal=seal,
            figures=figures,
            findings=_findings(statement),
            suspects=_suspects(statement),
            gates=_gates(statement["gates"]),
            provinces=by_province(statement),
            flow=charts.flow(_days(statement), statement["as_of"]),
            tree=charts.tree(figures),
            reasons=charts.parts(figures, REASONS_OF),
            map=charts.tiles(statement, *SHARED),
        )
    )


@cache
def environment() -> jinja2.Environment:
    """The templates of all pages: escaping on, undefined names refused, numbers and dates in Vietnamese style.

    One for the process, because translating a template costs more than rendering it.
    """
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"number": number, "signed": signed, "day": day, "moment": moment}
    return made


def number(value: int) -> str:
    """A count in Vietnamese style: 82.957.967."""
    return f"{abs(value):,}".replace(",", ".") if value >= 0 else MINUS + number(-value)


def signed(value: int) -> str:
    """A difference with its sign: +270.000, −12, 0."""
    return f"+{number(value)}" if value > 0 else number(value)


def day(value: str) -> str:
    """An ISO date as 05/04/2022; what is only a month (2022-03) as 03/2022."""
    if len(value) == 7:
        return f"{value[5:]}/{value[:4]}"
    try:
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    except ValueError:
        return value


def moment(value: str) -> str:
    """An ISO time with its offset as 05/04/2022 23:59:59 +07:00."""
    parsed = datetime.fromisoformat(value)
    return f"{parsed:%d/%m/%Y %H:%M:%S} {parsed.isoformat()[-6:]}"


def by_province(statement: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Provinces with the compared figures' subjects as shown, and ``bar``: subjects on the system in percent of the
    largest province's.
    """
    table = statement["breakdowns"].get("province", {})
    figures = [figure for figure in statement["figures"] if figure["id"] in COMPARED]
    counts = {value: [row.get(each["id"], [0, 0])[0] for each in figures] for value, row in table.items()}
    largest = max((row[0] or 0 for row in counts.values() if row), default=0)
    return [
        {
            "code": value,
            "name": statement["province_names"].get(value, value) or "(không rõ · not known)",
            "bar": round(100 * (row[0] or 0) / largest) if largest else 0,
            "figures": [
                {"vi": figure["vi"], "en": figure["en"], "shown": HIDDEN if count is None else number(count)}
                for figure, count in zip(figures, row, strict=True)
            ],
        }
        for value, row in counts.items()
    ]


def _days(statement: Mapping[str, Any]) -> dict[str, int]:
    """Doses by day of injection; of those without a day the text is empty."""
    table = statement["breakdowns"].get("injected_on", {})
    return {day: row.get("FIG-ON-SYSTEM", [None, 0])[1] or 0 for day, row in table.items()}


def in_tree_order(figures: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each figure after its parent and before the parent's next part, with its ``depth`` and its ``share``.

    ``share`` is the figure's part of its uppermost parent's subjects, in percent with one decimal.
    """

    def below(parent: str | None, depth: int, whole: int) -> list[dict[str, Any]]:
        ordered = []
        for figure in figures:
            if figure["part_of"] == parent:
                top = figure["subjects"] if parent is None else whole
                share = f"{100 * figure['subjects'] / top:.1f}" if top else "0.0"
                ordered.append(figure | {"depth": depth, "share": share})
                ordered += below(figure["id"], depth + 1, top)
        return ordered

    return below(None, 0, 0)


def _findings(statement: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The audit's findings with what the letter printed for the suspect and the words of our figures."""
    letter = statement["letter"]
    if letter is None:
        return []
    words = {f["letter"]["key"]: f for f in statement["figures"] if f["letter"]}
    found = []
    for finding in letter["findings"]:
        suspect = finding["suspect"]
        printed = letter["figures"][suspect][finding["measure"]] if suspect else None
        found.append(
            finding
            | {"printed": printed, "parent_words": words.get(finding["parent"]), "words": words.get(suspect)}
        )
    return found


def _suspects(statement: Mapping[str, Any]) -> set[tuple[str, str]]:
    letter = statement["letter"]
    return {(f["suspect"], f["measure"]) for f in letter["findings"] if f["suspect"]} if letter else set()


def _gates(gates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Gates by relation: the rules, how many passed, and those that did not."""
    return [
        {
            "relation": relation,
            "rules": (rules := list(group)),
            "passed": sum(rule["is_passed"] for rule in rules),
            "failed": [rule for rule in rules if not rule["is_passed"]],
        }
        for relation, group in groupby(gates, key=lambda gate: str(gate["relation"]))
    ]
