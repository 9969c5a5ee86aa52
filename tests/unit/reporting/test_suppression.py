"""Small cells: none that is left out can be told from the rest, and nothing is left out without need."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from orchestration.reporting.suppression import suppressed

THRESHOLD = 5
GRIDS = st.integers(1, 5).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 30), min_size=width, max_size=width), min_size=1, max_size=5
    )
)


def of_grid(grid: list[list[int]]) -> tuple[dict[tuple[int, int], int], list[list[tuple[int, int]]]]:
    """The cells of a grid whose sums of rows and of columns are shown."""
    counts = {(r, c): n for r, row in enumerate(grid) for c, n in enumerate(row)}
    rows = [[(r, c) for c in range(len(grid[0]))] for r in range(len(grid))]
    columns = [[(r, c) for r in range(len(grid))] for c in range(len(grid[0]))]
    return counts, rows + columns


@given(GRIDS)
def test_every_sum_hides_nothing_or_two_cells_that_make_a_shown_count(grid: list[list[int]]) -> None:
    counts, sums = of_grid(grid)
    hidden = suppressed(counts, sums, THRESHOLD)
    assert {cell for cell, n in counts.items() if 0 < n < THRESHOLD} <= hidden
    for cells in sums:
        gone = [cell for cell in cells if cell in hidden]
        is_all = len(gone) == len(cells)
        assert not gone or is_all or (len(gone) >= 2 and sum(counts[cell] for cell in gone) >= THRESHOLD)


@given(GRIDS)
def test_no_hidden_cell_can_be_reckoned_by_taking_shown_cells_from_sums(grid: list[list[int]]) -> None:
    counts, sums = of_grid(grid)
    unknown = set(suppressed(counts, sums, THRESHOLD))
    alone = {cells[0] for cells in sums if len(cells) == 1}
    for cells in itertools.chain.from_iterable([sums] * len(counts)):
        left = [cell for cell in cells if cell in unknown]
        if len(left) == 1 and len(cells) > 1:
            unknown.discard(left[0])
    if not alone:
        assert unknown >= suppressed(counts, sums, THRESHOLD)


@given(st.lists(st.integers(5, 1000), max_size=9))
def test_counts_that_may_be_shown_are_shown(row: list[int]) -> None:
    counts = dict(enumerate(row))
    assert suppressed(counts, [list(counts)], THRESHOLD) == frozenset()


def test_the_smallest_other_cell_goes_with_a_small_one() -> None:
    counts = {"a": 3, "b": 100, "c": 7, "d": 0}
    assert suppressed(counts, [list(counts)], THRESHOLD) == {"a", "c"}


def test_a_whole_that_is_shown_is_left_out_where_it_has_one_part_left() -> None:
    counts = {"whole": 12, "small": 2, "rest": 10}
    assert suppressed(counts, [["whole", "small", "rest"]], THRESHOLD) == {"small", "rest"}


def test_nothing_is_left_out_below_a_threshold_of_one() -> None:
    assert suppressed({"a": 1}, [["a"]], 1) == frozenset()
