"""The figures: their registry, read from the columns dbt documents, and their counted values.

A figure is a boolean column of the fact table; adding one is adding a documented column. Belongs here:
reading and checking both. What a report makes of them does not (:mod:`orchestration.reporting.report`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from orchestration.reporting.letters import cycles

FACT = "fct_subjects"
"""The mart whose boolean columns are the figures; grain: subject."""

_COUNTED = "select figure_id, subjects, doses, row_digest from report.rpt_figures order by figure_id"
_TEXTS = ("id", "vi", "en", "part_of", "letter")
_ID = re.compile(r"FIG(-[A-Z0-9]+)+")
_COLUMN = re.compile(r"[a-z_][a-z0-9_]*")
_DIGEST = re.compile(r"[0-9a-f]{32}")


class FigureError(ValueError):
    """The registry or the counted figures are not sound; ``faults`` holds every reason."""

    def __init__(self, message: str, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n- ".join((message, *self.faults)))


@dataclass(frozen=True)
class Figure:
    """A registered figure: ``column`` of the fact, its words, its parent and the letter's key for it."""

    id: str
    column: str
    vi: str
    en: str
    part_of: str | None
    letter: str | None


@dataclass(frozen=True)
class Counted:
    """A figure's value: counts of subjects and doses, and the order-free digest of its rows (32 hex)."""

    figure: Figure
    subjects: int
    doses: int
    digest: str


def fact_node(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fact table's node in dbt's manifest; raises :class:`FigureError` where there is not exactly one."""
    nodes = [
        node
        for node in manifest.get("nodes", {}).values()
        if node.get("resource_type") == "model" and node.get("name") == FACT
    ]
    if len(nodes) != 1:
        raise FigureError(
            f"dbt's manifest should hold one model {FACT}, found {len(nodes)}; parse the dbt project again.",
            (),
        )
    node: Mapping[str, Any] = nodes[0]
    return node


def read_figures(manifest: Mapping[str, Any]) -> tuple[Figure, ...]:
    """The figures registered in dbt's manifest, in the order of the columns; raises :class:`FigureError`."""
    faults: list[str] = []
    figures = []
    for column, documented in fact_node(manifest).get("columns", {}).items():
        meta = (documented.get("config") or {}).get("meta") or documented.get("meta") or {}
        if "figure" in meta:
            figures.append(_figure(column, meta["figure"], faults))
    if not figures and not faults:
        faults.append(f"no column of {FACT} has a `meta: figure`")
    faults += _faults_between(figures)
    if faults:
        raise FigureError(f"The figure registry (columns of {FACT}) is not sound; mend its YAML:", faults)
    return tuple(figures)


def read_counted(connection: duckdb.DuckDBPyConnection, figures: Iterable[Figure]) -> tuple[Counted, ...]:
    """The counted values of ``report.rpt_figures`` in the registry's order.

    Raises :class:`FigureError` when a figure is missing, unknown, counted twice, or its value is not a count.
    """
    rows = connection.execute(_COUNTED).fetchall()
    registered = {figure.id: figure for figure in figures}
    times = Counter(row[0] for row in rows)
    faults = [f"{id_} is counted {n} times" for id_, n in times.items() if n > 1]
    faults += [f"{id_} is registered but not counted" for id_ in registered if id_ not in times]
    faults += [f"{id_} is counted but not registered" for id_ in times if id_ not in registered]
    faults += [f"{row[0]} holds no count or no digest" for row in rows if not _is_counted(*row[1:])]
    if faults:
        raise FigureError("The relation report.rpt_figures is not sound; build it again with dbt:", faults)
    values = {row[0]: Counted(registered[row[0]], *row[1:]) for row in rows}
    return tuple(values[id_] for id_ in registered)


def faults_of_sums(counted: Iterable[Counted]) -> tuple[str, ...]:
    """Each parent whose parts do not add up to it, for subjects and for doses, as a sentence."""
    values = {value.figure.id: value for value in counted}
    faults = []
    for parent in values.values():
        parts = [value for value in values.values() if value.figure.part_of == parent.figure.id]
        for measure in ("subjects", "doses") if parts else ():
            total, parts_sum = getattr(parent, measure), sum(getattr(part, measure) for part in parts)
            if total != parts_sum:
                faults.append(f"{parent.figure.id}: {total:,} {measure}, but its parts make {parts_sum:,}")
    return tuple(faults)


def _figure(column: str, meta: Any, faults: list[str]) -> Figure:
    """The figure a column's ``meta`` describes; what is wrong with it is appended to ``faults``."""
    fields = meta if isinstance(meta, dict) else {}
    if unknown := sorted(set(fields) - set(_TEXTS)):
        faults.append(f"column {column}: unknown fields {', '.join(map(str, unknown))}")
    for name in ("id", "vi", "en"):
        if not isinstance(fields.get(name), str) or not fields[name].strip():
            faults.append(f"column {column}: `{name}` should be text")
    for name in ("part_of", "letter"):
        if not isinstance(fields.get(name), str | None):
            faults.append(f"column {column}: `{name}` should be text or null")
    if isinstance(fields.get("id"), str) and not _ID.fullmatch(fields["id"]):
        faults.append(f"column {column}: `id` should look like FIG-NAME")
    if not _COLUMN.fullmatch(column):
        faults.append(f"column {column}: a figure's column is named in lower-case letters, digits and _")
    text = {name: value if isinstance(value := fields.get(name), str) else None for name in _TEXTS}
    words = {name: text[name] or "" for name in ("id", "vi", "en")}
    return Figure(column=column, part_of=text["part_of"], letter=text["letter"], **words)


def _faults_between(figures: list[Figure]) -> list[str]:
    times = Counter(figure.id for figure in figures)
    faults = [f"{id_} is registered by {n} columns" for id_, n in times.items() if n > 1]
    letters = Counter(figure.letter for figure in figures if figure.letter)
    faults += [f"the letter's figure {key} is claimed by {n} figures" for key, n in letters.items() if n > 1]
    faults += [
        f"{figure.id}: `part_of` names {figure.part_of}, which is not registered"
        for figure in figures
        if figure.part_of is not None and figure.part_of not in times
    ]
    parents = {figure.id: figure.part_of for figure in figures}
    return faults + ["`part_of` goes round in a circle: " + " -> ".join(cycle) for cycle in cycles(parents)]


def _is_counted(subjects: Any, doses: Any, digest: Any) -> bool:
    counts = all(isinstance(value, int) and value >= 0 for value in (subjects, doses))
    return counts and isinstance(digest, str) and _DIGEST.fullmatch(digest) is not None
