"""What a query counts is judged as it is; what gives no one row of counts is not evaluated, which is not passed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from expectations.forms import BREACHES
from expectations.pushdown import ask
from expectations.result import Question, Result

ZERO: Mapping[str, object] = {"column": BREACHES, "min_value": 0, "max_value": 0}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("counting") / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create schema s; create table s.t as select 1 as id")
    return path


def asked(warehouse: Path, *queries: str, measures: tuple[str, ...] = ()) -> list[Result]:
    questions = [
        Question("s.t", f"T-Q-{n:02}", "ExpectColumnMaxToBeBetween", ZERO, query, measures)
        for n, query in enumerate(queries)
    ]
    answers = ask(warehouse, questions, None)
    return [answers[question.rule_id] for question in questions]


def test_each_query_is_judged_by_its_own_count(warehouse: Path) -> None:
    none, two, less = asked(
        warehouse, "select 0 as breaches", "select 2 as breaches", "select -1 as breaches"
    )
    assert [(each.is_evaluated, each.is_passed) for each in (none, two, less)] == [
        (True, True),
        (True, False),
        (True, False),
    ]
    assert two.counts["observed_value"] == 2


def test_measures_come_back_beside_the_verdict(warehouse: Path) -> None:
    (result,) = asked(warehouse, "select 0 as breaches, 7 as kept, 9 as other", measures=("kept",))
    assert (result.is_passed, result.measured) == (True, {"kept": 7})


@pytest.mark.parametrize(
    "query",
    [
        "select unnest([-5, 0]) as breaches",
        "select unnest([0, 0]) as breaches",
        "select 0 as breaches where false",
        "select null as breaches",
        "select 0.0 as breaches",
        "select false as breaches",
        "select '0' as breaches",
        "select 1 as breaches, 0 as breaches",
        "select 0 as others",
        "select 0 as breaches from s.absent",
        "select nothing as breaches from s.t",
    ],
)
def test_what_is_no_one_row_of_counts_is_not_evaluated_and_harms_no_other_rule(
    query: str, warehouse: Path
) -> None:
    odd, sound = asked(warehouse, query, "select 0 as breaches")
    assert (odd.is_evaluated, odd.is_passed) == (False, False)
    assert odd.problem
    assert (sound.is_evaluated, sound.is_passed) == (True, True)


def test_a_measure_that_is_absent_or_no_count_is_not_evaluated(warehouse: Path) -> None:
    queries = ("select 0 as breaches", "select 0 as breaches, null as kept")
    assert not any(result.is_evaluated for result in asked(warehouse, *queries, measures=("kept",)))


def test_names_of_columns_that_nobody_asked_for_do_no_harm(warehouse: Path) -> None:
    (result,) = asked(warehouse, 'select 0 as breaches, 1 as "x""y"')
    assert result.is_passed
