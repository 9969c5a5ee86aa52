"""Data Docs: pages on the rules of the gates, what each came to, and for which packages. Counts and words only.

Great Expectations' own pages aren't used: see ``docs/decisions/0009-our-own-data-docs.md``. Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from expectations.rule import Rule
from expectations.verdict import State
from orchestration.reporting.render import environment
from orchestration.warehouse.verdicts import Outcome

INDEX = "index.html"
STATES = {
    State.PASSED: ("đạt", "passed"),
    State.FAILED: ("không đạt", "failed"),
    State.NOT_EVALUATED: ("chưa đánh giá", "not evaluated"),
}
COUNTS = {
    "rows": ("dòng", "rows"),
    "expected": ("dự kiến", "expected"),
    "breaking": ("vi phạm", "breaking"),
    "missing": ("thiếu", "missing"),
    "arrived": ("vào", "arrived"),
    "kept": ("giữ", "kept"),
    "superseded": ("bị thay thế", "superseded"),
    "counted": ("được tính", "counted"),
    "orphans": ("mồ côi", "orphans"),
    "asked": ("hỏi", "asked"),
    "held": ("giữ lại", "held"),
    "waiting": ("chờ đêm sau", "waiting"),
}


def write_data_docs(
    folder: Path, suites: Mapping[str, tuple[Rule, ...]], outcomes: Iterable[Outcome]
) -> dict[str, Path]:
    """A page per relation and an index, in place of those that tell something else; returns the pages by relation."""
    folder.mkdir(parents=True, exist_ok=True)
    by_relation: dict[str, list[Outcome]] = {relation: [] for relation in suites}
    for outcome in outcomes:
        by_relation.setdefault(outcome.relation, []).append(outcome)
    pages = {relation: folder / f"{relation}.html" for relation in suites}
    templates = environment()
    words = {"states": {str(s): w for s, w in STATES.items()}, "counts": COUNTS, "index": INDEX}
    template = templates.get_template("data_docs.html.j2")
    for relation, page in pages.items():
        rules = [_told(rule, by_relation[relation]) for rule in suites[relation]]
        _replace(page, template.render(relation=relation, rules=rules, **words))
    summary = [{"relation": name, "page": pages[name].name, **_tally(by_relation[name])} for name in suites]
    _replace(
        folder / INDEX, templates.get_template("data_docs_index.html.j2").render(summary=summary, **words)
    )
    return pages


def _told(rule: Rule, outcomes: list[Outcome]) -> dict[str, Any]:
    """A rule with its outcomes, one entry for all packages that share one."""

    def same(outcome: Outcome) -> tuple[bool, str]:
        return (not outcome.is_in_scope, outcome.state)

    own = sorted((o for o in outcomes if o.rule_id == rule.id), key=same)
    groups = [(next(iter(found)), found) for found in (list(group) for _, group in groupby(own, key=same))]
    return {
        "rule": rule,
        "arguments": {name: value for name, value in rule.arguments.items() if name != "query"},
        "facts": {argument: fact.value for argument, fact in rule.facts.items()},
        "outcomes": [
            {"first": first, "packages": [outcome.package for outcome in found]} for first, found in groups
        ],
    }


def _tally(outcomes: list[Outcome]) -> dict[str, int]:
    """How many rules are in each state, over all packages in scope; a rule counts by the worst of its states."""
    worst = (State.FAILED, State.NOT_EVALUATED, State.PASSED)
    states: dict[str, State] = {}
    for outcome in (outcome for outcome in outcomes if outcome.is_in_scope):
        known = states.get(outcome.rule_id, outcome.state)
        states[outcome.rule_id] = min(known, outcome.state, key=worst.index)
    return {str(state): sum(found is state for found in states.values()) for state in State}


def _replace(page: Path, text: str) -> None:
    """Write a page that says something else than the file, whole: who reads it meanwhile sees the old one."""
    if page.exists() and page.read_bytes() == text.encode():
        return
    beside = page.with_suffix(".part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(page)
