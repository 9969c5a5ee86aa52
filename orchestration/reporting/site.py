"""The auditor's pages: a folder that works from a file, from a figure to its packages and the letter, and back.

Belongs here: pages, links and the picture of a figure's way. What stands on them comes from the sealed statement and
from the figures' traces; nothing is counted here, and nothing personal is in either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.reporting.render import HIDDEN, environment, in_tree_order, number

STAGES = ("raw", "seeds", "staging", "cleansing", "verification", "marts")
_WIDTH, _HEIGHT, _STEP = 190, 20, 26


@dataclass(frozen=True)
class Package:
    """A package as its page shows it: files as (path, SHA-256, bytes), the first of them the payload's."""

    id: str
    kind: str
    bag_sha256: str
    snapshot_at: str
    received_at: str
    files: Sequence[tuple[str, str, int]]


@dataclass(frozen=True)
class Sources:
    """What the pages are made of: the sealed statement, its seal, a trace for every figure, the packages."""

    statement: Mapping[str, Any]
    seal: str
    traces: Mapping[str, Mapping[str, Any]]
    packages: Sequence[Package]


def render_site(sources: Sources) -> dict[str, bytes]:
    """All pages by file name; the same sources give the same bytes."""
    figures = in_tree_order(sources.statement["figures"])
    shared = {
        "statement": sources.statement,
        "seal": sources.seal,
        "figures": figures,
        "packages": sources.packages,
        "figure_page": figure_page,
        "package_page": package_page,
    }
    pages = {"index.html": _page("site_index", shared), "letter.html": _page("site_letter", shared)}
    for figure in figures:
        trace = sources.traces[figure["id"]]
        pages[figure_page(figure["id"])] = _page(
            "site_figure",
            shared
            | {
                "figure": figure,
                "trace": trace,
                "parts": [each for each in figures if each["part_of"] == figure["id"]],
                "picture": picture(trace["lineage"]["relations"]),
                "provinces": list(_provinces(sources.statement, figure["id"])),
            },
        )
    for package in sources.packages:
        counted = {id_: _rows_of(trace, package.id) for id_, trace in sources.traces.items()}
        pages[package_page(package.id)] = _page(
            "site_package", shared | {"package": package, "counted": counted}
        )
    return {name: page.encode("utf-8") for name, page in pages.items()}


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


def _provinces(statement: Mapping[str, Any], figure_id: str) -> Iterator[tuple[str, str, str]]:
    for code, row in statement["breakdowns"].get("province", {}).items():
        subjects, doses = row.get(figure_id, [0, 0])
        name = statement["province_names"].get(code, code) or "(không rõ · not known)"
        yield name, _shown(subjects), _shown(doses)


def _shown(count: int | None) -> str:
    return HIDDEN if count is None else number(count)


def _rows_of(trace: Mapping[str, Any], package_id: str) -> int:
    return sum(each["rows"] for each in trace["deliveries"] if each["id"] == package_id)


def _page(template: str, values: Mapping[str, Any]) -> str:
    return environment().get_template(f"{template}.html.j2").render(**values)
