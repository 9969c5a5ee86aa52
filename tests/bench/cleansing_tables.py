"""What measuring the cleansing gave, and its tables. What lies beyond the sizes measured is extrapolated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tests.bench.process import Measured

NATION = 83_000_000 + 199_000_000
DOSES = 2.4
MODELS, TESTS, GATES = "seeds, staging and cleansing models", "dbt's tests of them", "gates"
SHOWN = 8


@dataclass(frozen=True)
class Model:
    """A model that dbt built: the second it began and ended at, counted from the first one's beginning."""

    name: str
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


@dataclass(frozen=True)
class Size:
    """What a country of so many subjects took: steps, models, gates by relation, bytes of the warehouse."""

    subjects: int
    steps: list[Measured]
    models: list[Model]
    gates: dict[str, Any]
    warehouse_mb: int

    @property
    def rows(self) -> int:
        """Subjects and doses."""
        return self.subjects + round(self.subjects * DOSES)

    def seconds(self, *steps: str) -> float:
        """The steps of these names together."""
        return sum(step.seconds for step in self.steps if step.what in steps)


@dataclass(frozen=True)
class Peers:
    """Ours beside others, at one size: what, whole seconds of its process, and what it found."""

    subjects: int
    standardising: float
    postgres: float
    ours_found: dict[str, Any]
    splink_found: dict[str, Any]
    ours_duplicates: Measured
    splink: Measured


def growth(sizes: list[Size], *steps: str) -> str:
    """The exponent between the last two sizes: 1 is in proportion to the rows."""
    if len(sizes) < 2:
        return "-"
    small, large = sizes[-2:]
    return (
        f"{math.log(large.seconds(*steps) / small.seconds(*steps)) / math.log(large.rows / small.rows):.2f}"
    )


def extrapolated(sizes: list[Size], *steps: str) -> str:
    """Minutes for the nation on the straight line through the last two sizes; none where it falls."""
    if len(sizes) < 2:
        return "-"
    small, large = sizes[-2:]
    rise = (large.seconds(*steps) - small.seconds(*steps)) / (large.rows - small.rows)
    if rise <= 0:
        return "- (the larger took no longer: the machine wasn't quiet)"
    return f"{(large.seconds(*steps) + rise * (NATION - large.rows)) / 60:.1f} min"


def steps_table(sizes: list[Size]) -> str:
    """Seconds of each step by size, growth, and the nation by extrapolation."""
    head = " | ".join(f"{size.subjects / 1e6:g} M subjects, {size.rows / 1e6:g} M rows" for size in sizes)
    lines = [
        f"| seconds | {head} | growth | 83 M subjects and 199 M doses, extrapolated |",
        "|---|" + "---|" * (len(sizes) + 2),
    ]
    rows = {MODELS: (MODELS,), GATES: (GATES,), "raw to gated": (MODELS, GATES), TESTS: (TESTS,)}
    for name, steps in rows.items():
        cells = " | ".join(f"{size.seconds(*steps):.2f}" for size in sizes)
        lines.append(f"| {name} | {cells} | {growth(sizes, *steps)} | {extrapolated(sizes, *steps)} |")
    speeds = " | ".join(f"{size.rows / size.seconds(MODELS, GATES):,.0f}" for size in sizes)
    peaks = " | ".join(f"{max(step.peak_mb for step in size.steps[1:]):,}" for size in sizes)
    space = " | ".join(f"{size.warehouse_mb:,}" for size in sizes)
    for name, cells in {"rows a second": speeds, "peak MB": peaks, "warehouse MB": space}.items():
        lines.append(f"| {name} | {cells} | | |")
    return "\n".join(lines)


def models_table(sizes: list[Size]) -> str:
    """The slowest models by size. Two run at a time."""
    seconds = [{model.name: model.seconds for model in size.models} for size in sizes]
    slowest = sorted(seconds[-1], key=lambda name: -seconds[-1][name])[:SHOWN]
    head = " | ".join(f"{size.subjects / 1e6:g} M" for size in sizes)
    lines = [f"| seconds of a model | {head} |", "|---|" + "---|" * len(sizes)]
    for name in slowest:
        lines.append(f"| {name} | " + " | ".join(f"{each.get(name, 0):.2f}" for each in seconds) + " |")
    return "\n".join(lines)


def peers_table(peers: Peers) -> str:
    """Ours beside the others at one size."""
    ours, splink = peers.ours_duplicates, peers.splink
    rows = [
        ("standardised by our models", peers.standardising, "(in the build)", "", ""),
        (
            "standardised by PostgreSQL, the plain way",
            peers.postgres,
            "(server not counted)",
            f"{peers.postgres / peers.standardising:.1f}",
            "",
        ),
        (
            "duplicates by our model",
            ours.seconds,
            f"{ours.peak_mb:,}",
            "",
            f"{peers.ours_found['subjects']:,}",
        ),
        (
            "duplicates by Splink",
            splink.seconds,
            f"{splink.peak_mb:,}",
            f"{splink.seconds / ours.seconds:.1f}",
            f"{peers.splink_found['subjects']:,}",
        ),
    ]
    lines = [
        f"| {peers.subjects:,} subjects | seconds | peak MB | ours is faster by | subjects found |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {what} | {seconds:.2f} | {' | '.join(rest)} |" for what, seconds, *rest in rows]
    return "\n".join(lines)


def broken_rules(sizes: list[Size]) -> list[str]:
    """Rules that the drawn data breaks, at any size; there should be none."""
    return sorted({rule for size in sizes for gate in size.gates.values() for rule in gate["broken"]})
