"""The figures by province, district, class, vaccine and day, as a report may show them: small counts left out.

Belongs here: reading ``report.rpt_breakdowns`` and deciding what of it is shown. The counting is dbt's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

import duckdb

from orchestration.reporting.suppression import suppressed

REPORTED = ("province", "district", "id_class", "vaccine", "dose_number", "injected_on")
"""What a report is broken down by; facilities and days of arrival are asked for with ``tiemchung report breakdown``."""
BREAKDOWNS = (*REPORTED, "facility", "increment_on")
OF_PERSONS = frozenset({"province", "district", "facility", "id_class"})
"""Breakdowns whose small counts could tell of a person."""
_CELLS = """
select figure_id, part_of, value, subjects, doses from report.rpt_breakdowns
where breakdown = $breakdown order by value, figure_id
"""


@dataclass(frozen=True)
class Cell:
    """One figure at one value: ``subjects`` is None in breakdowns of doses; both are None where they aren't shown."""

    figure: str
    value: str
    subjects: int | None
    doses: int | None


@dataclass(frozen=True)
class Breakdown:
    """All cells of one breakdown that hold something, by value and figure."""

    name: str
    cells: tuple[Cell, ...]

    def table(self) -> dict[str, dict[str, list[int | None]]]:
        """By value and figure: subjects and doses."""
        found: dict[str, dict[str, list[int | None]]] = defaultdict(dict)
        for cell in self.cells:
            found[cell.value][cell.figure] = [cell.subjects, cell.doses]
        return dict(found)


def read_breakdown(connection: duckdb.DuckDBPyConnection, name: str, small_cells: int) -> Breakdown:
    """One breakdown as it may be shown; counts from 1 to ``small_cells - 1`` and what would tell them are None."""
    rows = connection.execute(_CELLS, {"breakdown": name}).fetchall()
    cells = [Cell(figure, value, subjects, doses) for figure, _, value, subjects, doses in rows]
    if name not in OF_PERSONS or small_cells < 2:
        return Breakdown(name, tuple(cells))
    parents = {figure: parent for figure, parent, *_ in rows if parent is not None}
    hidden = hidden_cells(cells, parents, small_cells)
    return Breakdown(
        name,
        tuple(
            Cell(each.figure, each.value, None, None) if (each.figure, each.value) in hidden else each
            for each in cells
        ),
    )


def hidden_cells(
    cells: Iterable[Cell], parents: Mapping[str, str], small_cells: int
) -> Collection[tuple[str, str]]:
    """Figure and value of the cells to leave out: all values of a figure add up to it, and its parts in each value.

    A district (``province/district``) adds up with the others of its province, too.
    """
    counts = {(each.figure, each.value): each.subjects or 0 for each in cells}
    return suppressed(counts, list(_sums(counts, parents)), small_cells)


def _sums(
    counts: Mapping[tuple[str, str], int], parents: Mapping[str, str]
) -> Iterator[list[tuple[str, str]]]:
    by_figure: dict[str, list[tuple[str, str]]] = defaultdict(list)
    by_province: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    by_whole: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for figure, value in counts:
        by_figure[figure].append((figure, value))
        if "/" in value:
            by_province[figure, value.split("/")[0]].append((figure, value))
        if figure in parents:
            by_whole[parents[figure], value].append((figure, value))
    yield from by_figure.values()
    yield from by_province.values()
    yield from ([whole, *parts] for whole, parts in by_whole.items())
