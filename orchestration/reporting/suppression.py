"""Small cells: which counts of a table are not shown, so that none of them can be told from what is shown.

A pure function of counts; who may see all of them, and from which size a count is shown, is its caller's business.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import TypeVar

Cell = TypeVar("Cell", bound=Hashable)


def suppressed(counts: Mapping[Cell, int], sums: Iterable[Iterable[Cell]], threshold: int) -> frozenset[Cell]:
    """The cells to leave out: those from 1 to ``threshold - 1``, and as many more as keep them unknown.

    ``sums`` are the sets of cells that are bound by a sum a reader knows: parts whose total is shown, or a whole with
    its parts. In each of them either nothing is left out, or two cells at least that together make ``threshold`` or
    more, the smallest first. A sum with a single cell keeps nothing secret: its total must not be shown then.
    """
    hidden = {cell for cell, count in counts.items() if 0 < count < threshold}
    bound = [
        sorted((cell for cell in each if cell in counts), key=lambda c: (counts[c], str(c))) for each in sums
    ]
    of_cell: dict[Cell, list[int]] = {}
    for number, cells in enumerate(bound):
        for cell in cells:
            of_cell.setdefault(cell, []).append(number)
    # A sum that several cells were taken from is looked at once a round, however large it is.
    waiting = dict.fromkeys(range(len(bound)))
    while waiting:
        again: dict[int, None] = {}
        for number in waiting:
            for cell in _needed(bound[number], counts, hidden, threshold):
                hidden.add(cell)
                again |= dict.fromkeys(of_cell[cell])
        waiting = again
    return frozenset(hidden)


def _needed(cells: list[Cell], counts: Mapping[Cell, int], hidden: set[Cell], threshold: int) -> list[Cell]:
    """What must be left out beside the hidden cells of one sum; those that hold something before empty ones."""
    gone = [cell for cell in cells if cell in hidden]
    total = sum(counts[cell] for cell in gone)
    needed: list[Cell] = []
    if not gone:
        return []
    others = [cell for cell in cells if cell not in hidden]
    for cell in sorted(others, key=lambda each: counts[each] == 0):
        if len(gone) + len(needed) >= 2 and total >= threshold:
            break
        needed.append(cell)
        total += counts[cell]
    return needed
