"""The auditor's pages: a folder that works from a file, from a figure to its packages and the letter, and back.

Belongs here: pages, links and the picture of a figure's way. What stands on them comes from the sealed statement and
from the figures' traces; nothing is counted here, and nothing personal is in either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.reporting.breakdowns import OF_PERSONS
from orchestration.reporting.render import HIDDEN, environment, in_tree_order, number

STAGES = ("raw", "seeds", "staging", "cleansing", "verification", "marts")
SHOWN = {
    "province": ("Theo tỉnh, thành phố", "By province"),
    "id_class": ("Theo loại giấy tờ", "By kind of number"),
    "vaccine": ("Theo vắc xin", "By vaccine"),
    "dose_number": ("Theo thứ tự mũi", "By dose"),
}
"""The breakdowns of a figure's page, and their headings."""
KINDS = {
    "request": ("yêu cầu", "request"),
    "answer": ("phúc đáp", "answer"),
    "regulation": ("quy chế", "regulation"),
    "instruction": ("chỉ đạo", "instruction"),
    "refusal": ("từ chối", "refusal"),
}
"""Kinds of letters as people read them; any other as it is."""
_WIDTH, _HEIGHT, _STEP = 190, 20, 26


@dataclass(frozen=True)
class Package:
    """A package as its page shows it: files as (path, SHA-256, bytes); ``letter`` tells what brought it."""

    id: str
    kind: str
    bag_sha256: str
    snapshot_at: str
    received_at: str
    files: Sequence[tuple[str, str, int]]
    letter: Mapping[str, Any]


@dataclass(frozen=True)
class Sources:
    """What the pages are made of: the sealed statement, its seal, a trace for every figure, packages and letters."""

    statement: Mapping[str, Any]
    seal: str
    traces: Mapping[str, Mapping[str, Any]]
    packages: Sequence[Package]
    letters: Sequence[Mapping[str, Any]]


def render_site(sources: Sources) -> dict[str, bytes]:
    """All pages by file name; the same sources give the same bytes."""
    shared: dict[str, Any] = {
        "statement": sources.statement,
        "seal": sources.seal,
        "figures": in_tree_order(sources.statement["figures"]),
        "packages": sources.packages,
        "letters": sources.letters,
        "kinds": KINDS,
        "printed": _printed(sources.statement),
        "figure_page": figure_page,
        "package_page": package_page,
    }
    pages = {
        f"{name}.html": rendered(f"site_{name}", shared | {"page": f"{name}.html"})
        for name in ("index", "packages", "letter")
    }
    for figure in shared["figures"]:
        values = _of_figure(sources, shared["figures"], figure)
        pages[figure_page(figure["id"])] = rendered("site_figure", shared | values)
    for package in sources.packages:
        counted = {id_: _rows_of(trace, package.id) for id_, trace in sources.traces.items()}
        values = {"package": package, "counted": counted, "page": ""}
        pages[package_page(package.id)] = rendered("site_package", shared | values)
    return pages


def _of_figure(
    sources: Sources, figures: Sequence[Mapping[str, Any]], figure: Mapping[str, Any]
) -> dict[str, Any]:
    trace = sources.traces[figure["id"]]
    return {
        "page": "",
        "figure": figure,
        "trace": trace,
        "parts": [each for each in figures if each["part_of"] == figure["id"]],
        "picture": picture(trace["lineage"]["relations"]),
        "breakdowns": list(_breakdowns(sources.statement, figure["id"])),
    }


def figure_page(figure_id: str) -> str:
    """The file of a figure's page."""
    return f"figure-{figure_id}.html"


def package_page(package_id: str) -> str:
    """The file of a package's page; ids are letters, digits, dots and dashes."""
    return f"package-{package_id}.html"


def picture(relations: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Where the relations of a way stand, stage by stage from left to right, and the lines between them."""
    columns = {stage: [each for each in relations if each["schema"] == stage] for stage in STAGES}
    used = [stage for stage in STAGES if columns[stage]]
    boxes: dict[str, dict[str, Any]] = {
        str(each["relation"]): {
            "name": str(each["relation"]).split(".")[1],
            "x": x * _WIDTH,
            "y": 24 + y * _STEP,
        }
        for x, stage in enumerate(used)
        for y, each in enumerate(columns[stage])
    }
    lines = [
        (boxes[source], boxes[str(each["relation"])])
        for each in relations
        for source in each["reads"]
        if source in boxes and str(each["relation"]) in boxes
    ]
    return {
        "stages": [(stage, x * _WIDTH) for x, stage in enumerate(used)],
        "boxes": list(boxes.values()),
        "lines": [
            f"M{a['x'] + _WIDTH - 30} {a['y'] + _HEIGHT // 2} L{b['x']} {b['y'] + _HEIGHT // 2}"
            for a, b in lines
        ],
        "width": max(len(used), 1) * _WIDTH,
        "height": 34 + _STEP * max((len(each) for each in columns.values()), default=1),
        "box_width": _WIDTH - 30,
        "box_height": _HEIGHT,
    }


def _breakdowns(statement: Mapping[str, Any], figure_id: str) -> Iterator[dict[str, Any]]:
    """The figure by each value, as it may be shown; values without any of it are left out."""
    for name, (vi, en) in SHOWN.items():
        table = statement["breakdowns"].get(name, {})
        cells = {value: row[figure_id] for value, row in table.items() if figure_id in row}
        if cells:
            yield {
                "name": name,
                "vi": vi,
                "en": en,
                "has_subjects": name in OF_PERSONS,
                "rows": [
                    {
                        "name": _named(statement, name, value),
                        "subjects": _shown(cell[0]),
                        "doses": _shown(cell[1]),
                    }
                    for value, cell in cells.items()
                ],
            }


def _printed(statement: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The letter's figures, those of ours first in our order."""
    letter = statement["letter"]
    if letter is None:
        return []
    ours = [each["letter"]["key"] for each in in_tree_order(statement["figures"]) if each["letter"]]
    keys = dict.fromkeys([*ours, *letter["figures"]])
    return [(key, letter["figures"][key]) for key in keys]


def _named(statement: Mapping[str, Any], breakdown: str, value: str) -> str:
    names = statement["province_names"] if breakdown == "province" else {}
    return names.get(value, value) or "(không rõ · not known)"


def _shown(count: int | None) -> str:
    return HIDDEN if count is None else number(count)


def _rows_of(trace: Mapping[str, Any], package_id: str) -> int:
    return sum(each["rows"] for each in trace["deliveries"] if each["id"] == package_id)


def rendered(template: str, values: Mapping[str, Any]) -> bytes:
    """One page of a template."""
    return environment().get_template(f"{template}.html.j2").render(**values).encode("utf-8")
