"""Makes questions ready for Great Expectations: queries that count are run, others are told which columns they need.

Belongs here: what DuckDB is asked before Great Expectations is. It brings counts and names of columns, never values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import duckdb

from expectations.forms import BREACHES
from expectations.result import Question, Result, is_count, refused, unanswered


def prepared_questions(
    warehouse: Path, asked: tuple[Question, ...], limits: Mapping[str, str]
) -> tuple[list[Question], dict[str, Result]]:
    """The same questions, each with the query that GX is given; and why some that count can't be asked."""
    with duckdb.connect(warehouse, read_only=True, config=dict(limits)) as connection:
        counting = {q.rule_id: _counted(connection, q) for q in asked if _is_counting(q)}
        whole = {
            relation: _relation_query(connection, relation, group)
            for relation, group in _by_relation(q for q in asked if q.query is None)
        }
    counted = {rule_id: found for rule_id, found in counting.items() if not isinstance(found, Result)}
    columns = ", ".join(
        f'{count} as "{_counts_name(rule_id, name)}"'
        for rule_id, counts in counted.items()
        for name, count in counts.items()
    )
    prepared = [
        _on_counts(q, f"select {columns}")
        if q.rule_id in counted
        else replace(q, query=q.query or whole[q.relation])
        for q in asked
        if q.rule_id in counted or q.rule_id not in counting
    ]
    return prepared, {rule_id: found for rule_id, found in counting.items() if isinstance(found, Result)}


def _by_relation(questions: Iterable[Question]) -> Iterator[tuple[str, tuple[Question, ...]]]:
    for relation, group in groupby(sorted(questions, key=_relation), key=_relation):
        yield relation, tuple(group)


def _relation_query(
    connection: duckdb.DuckDBPyConnection, relation: str, questions: Iterable[Question]
) -> str:
    """The columns in question of the relation; all of them where a question names none that is there."""
    wanted = {str(q.arguments["column"]) for q in questions if "column" in q.arguments}
    columns = ", ".join(f'"{name}"' for name in _columns(connection, relation) if name in wanted) or "*"
    return f"select {columns} from {_quoted(relation)}"  # noqa: S608 - the relation is a key of the catalogue


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    """The relation's columns; none where there is no such relation, which GX then says of each question."""
    try:
        return connection.sql(f"select * from {_quoted(relation)} limit 0").columns  # noqa: S608
    except duckdb.Error:
        return []


def _is_counting(question: Question) -> bool:
    return question.query is not None and question.arguments.get("column") == BREACHES


def _counted(connection: duckdb.DuckDBPyConnection, question: Question) -> dict[str, int] | Result:
    """The breaches and measures that the query counts, or why there are none."""
    try:
        found = connection.execute(question.query or "")
        names = [column[0] for column in found.description]
        rows = found.fetchmany(2)
    except duckdb.Error as error:
        return refused(type(error).__name__)
    counts = dict(zip(names, rows[0], strict=True)) if len(rows) == 1 else {}
    wanted = (BREACHES, *question.measures)
    if len(counts) != len(names) or not all(is_count(counts.get(name)) for name in wanted):
        return unanswered("Its query did not give one row of counts; mend the rule.")
    return {name: counts[name] for name in wanted}


def _on_counts(question: Question, query: str) -> Question:
    """The same question on the one row of all counts."""
    column = _counts_name(question.rule_id, BREACHES)
    measures = tuple(_counts_name(question.rule_id, name) for name in question.measures)
    return replace(
        question, query=query, arguments={**question.arguments, "column": column}, measures=measures
    )


def _counts_name(rule_id: str, name: str) -> str:
    return f"{rule_id}.{name}"


def plain_name(measure: str) -> str:
    """The measure as its rule names it, of the column that the counts of all rules stand in."""
    return measure.rpartition(".")[2]


def _relation(question: Question) -> str:
    return question.relation


def _quoted(relation: str) -> str:
    schema, _, name = relation.partition(".")
    return f'"{schema}"."{name}"'
