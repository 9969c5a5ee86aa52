"""The quick way to find numbers that occur twice finds what a grouping by the number finds."""

from __future__ import annotations

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from expectations.forms import Claim, unique, unique_number

CLAIM = Claim("", "", "")
NUMBERS = st.none() | st.integers(-200, 200) | st.integers(-(2**63), 2**63 - 1)
ROWS = st.lists(st.tuples(st.sampled_from(["a", "b"]), NUMBERS), max_size=60)


@given(ROWS)
def test_both_ways_find_as_many(rows: list[tuple[str, int | None]]) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table given (package varchar, number bigint)")
        if rows:
            connection.executemany("insert into given values (?, ?)", rows)
        quick = unique_number("X", "given", "number", CLAIM).query
        slow = unique("X", "given", "number", CLAIM).query
        assert connection.execute(quick or "").fetchall() == connection.execute(slow or "").fetchall()
        within = unique_number("X", "given", "number", CLAIM, within="package").query
        both = (
            "select count(*) from (select 1 from given where number is not null group by package, number"
            " having count(*) > 1)"
        )
        assert connection.execute(within or "").fetchall() == connection.execute(both).fetchall()
