"""The figures by province, district, class, vaccine and day, as a report may show them: small counts left out.

Belongs here: reading ``report.rpt_breakdowns`` and deciding what of it is shown. The counting is dbt's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import duckdb

from orchestration.reporting.suppression import suppressed

REPORTED = ("province", "district", "id_class", "vaccine", "dose_number", "injected_on")
"""What a report is broken down by; facilities and days of arrival are asked for with ``tiemchung report breakdown``."""
BREAKDOWNS = (*REPORTED, "facility", "increment_on")
Key = tuple[str, str, str]
"""Breakdown, figure and value."""
OF_PERSONS = frozenset({"province", "district", "facility", "id_class"})
"""Breakdowns whose small counts could tell of a person."""
_CELLS = """
select breakdown, figure_id, part_of, value, subjects, doses from report.rpt_breakdowns
where list_contains($breakdowns, breakdown) order by breakdown, value, figure_id
"""


_TOGETHER = {"province": ("province", "district"), "district": ("province", "district")}
"""Breakdowns whose cells add up to each other's: what is left out of one must not be told by the other."""


@dataclass(frozen=True)
class Cell:
    """One figure at one value: ``subjects`` is None in breakdowns of doses; both are None where they aren't shown."""

    breakdown: str
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
    names = _TOGETHER.get(name, (name,))
    rows = connection.execute(_CELLS, {"breakdowns": list(names)}).fetchall()
    cells = [Cell(breakdown, figure, value, *counts) for breakdown, figure, _, value, *counts in rows]
    hidden: Collection[Key] = ()
    if name in OF_PERSONS:
        parents = {figure: parent for _, figure, parent, *_ in rows if parent is not None}
        hidden = hidden_cells(cells, parents, small_cells)
    shown = (
        replace(each, subjects=None, doses=None) if _key(each) in hidden else each
        for each in cells
        if each.breakdown == name
    )
    return Breakdown(name, tuple(shown))


def hidden_cells(cells: Iterable[Cell], parents: Mapping[str, str], small_cells: int) -> Collection[Key]:
    """The cells to leave out: all values of a figure add up to it, its parts to it in each value, and the districts
    of a province (``province/district``) to the province.
    """
    counts = {_key(each): each.subjects or 0 for each in cells}
    return suppressed(counts, list(_sums(counts, parents)), small_cells)


def _key(cell: Cell) -> Key:
    return cell.breakdown, cell.figure, cell.value


def _sums(counts: Mapping[Key, int], parents: Mapping[str, str]) -> Iterator[list[Key]]:
    by_figure: dict[tuple[str, str], list[Key]] = defaultdict(list)
    by_province: dict[Key, list[Key]] = defaultdict(list)
    by_whole: dict[Key, list[Key]] = defaultdict(list)
    for key in counts:
        breakdown, figure, value = key
        by_figure[breakdown, figure].append(key)
        if breakdown == "district":
            by_province["province", figure, value.split("/")[0]].append(key)
        if figure in parents:
            by_whole[breakdown, parents[figure], value].append(key)
    yield from by_figure.values()
    for sums in (by_province, by_whole):
        yield from ([whole, *parts] for whole, parts in sums.items())
