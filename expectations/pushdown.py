"""Asks Great Expectations, which asks DuckDB: the only module that imports it. Brings back counts, never values.

The result format matters. COMPLETE fetches up to 200 breaking values into this process even when told to exclude
them; BASIC with a partial count of 0 puts LIMIT 0 on those queries, so values stay in the database.
"""

from __future__ import annotations

import atexit
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import duckdb_sqlalchemy
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from expectations.forms import BREACHES
from expectations.result import Question, Result

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own dependencies' deprecations, none of which is ours to mend
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )
    from great_expectations.exceptions import GreatExpectationsError

RESULT_FORMAT = {"result_format": "BASIC", "exclude_unexpected_values": True, "partial_unexpected_count": 0}
# Without these GX closes the connection before it fetches, and every result comes back empty.
_FETCHABLE = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None, "skip_autocommit_rollback": True}
# Beside Great Expectations this module outlives the interpreter, and DuckDB's binding then prints 40 lines about leaks.
atexit.register(vars(duckdb_sqlalchemy).clear)
_UNREADABLE = (GreatExpectationsError, SQLAlchemyError, ConnectionError, duckdb.Error)
_EXCEPTION_NAME = re.compile(r"^\(?(?:\w+\.)*(\w*(?:Error|Exception))\b", re.MULTILINE)


def ask(warehouse: Path, questions: Iterable[Question], memory_limit: str | None) -> dict[str, Result]:
    """Results by rule id. Questions on a relation itself share one batch, so that GX bundles their scans.

    GX runs a query anew for each thing it wants to know of it: queries that count are run here, once, and GX judges
    their counts, all of them as columns of one row; of a relation it gets the columns in question, so that a view
    need not make the others.
    """
    asked = tuple(questions)
    if not warehouse.exists():
        problem = "The warehouse file does not exist; build the relation first."
        return {question.rule_id: _unanswered(problem) for question in asked}
    results: dict[str, Result] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            prepared, results = _prepared(warehouse, asked, _limits(memory_limit))
            with _source(warehouse, memory_limit) as source:
                for query, group in groupby(sorted(prepared, key=_query), key=_query):
                    results |= _judged(source, query, tuple(group))
        except _UNREADABLE as error:
            return {q.rule_id: results.get(q.rule_id, _unreadable(error)) for q in asked}
    return results


@contextmanager
def _source(warehouse: Path, memory_limit: str | None) -> Iterator[Any]:
    """The file as a source of GX, read-only, in a context that lives in memory and reports nothing to anybody.

    GX keeps two engines for one source; both must be closed or the file stays open in this process.
    """
    context = gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            analytics_enabled=False,
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )
    url = URL.create("duckdb", database=str(warehouse)).render_as_string(hide_password=False)
    source = context.data_sources.add_sql(
        "warehouse",
        connection_string=url.replace("$", r"\$"),
        kwargs={**_FETCHABLE, "connect_args": {"read_only": True, "config": _limits(memory_limit)}},
    )
    try:
        yield source
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()


def _judged(source: Any, query: str, questions: tuple[Question, ...]) -> dict[str, Result]:
    """What one batch came to: where it can't be read, the others still can."""
    try:
        return _judge(source, query, questions)
    except _UNREADABLE as error:
        return {question.rule_id: _unreadable(error) for question in questions}


def _judge(source: Any, query: str, questions: tuple[Question, ...]) -> dict[str, Result]:
    asset = source.add_query_asset(questions[0].rule_id, query=query)
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    asked = [*map(_expectation, questions), *(each for q in questions for each in _measurements(q))]
    suite = gx.ExpectationSuite(name=questions[0].rule_id, expectations=asked)
    measured: dict[str, dict[str, int]] = {}
    answers = []
    for found in batch.validate(suite, result_format=RESULT_FORMAT).results:
        about = found.expectation_config.meta
        if "measure" not in about:
            answers.append(found)
        elif _is_count(count := found.result.get("observed_value")):
            measured.setdefault(about["rule_id"], {})[_plain_name(about["measure"])] = count
    by_rule = {found.expectation_config.meta["rule_id"]: _result(found) for found in answers}
    return {
        rule_id: replace(result, measured=measured.get(rule_id, {})) for rule_id, result in by_rule.items()
    }


def _expectation(question: Question) -> Any:
    expectation = getattr(gx.expectations, question.expectation)
    return expectation(**question.arguments, meta={"rule_id": question.rule_id})


def _measurements(question: Question) -> Iterator[Any]:
    """Expectations that only fetch a count of the query's one row: GX asks for all columns in one scan."""
    for name in question.measures:
        yield gx.expectations.ExpectColumnMaxToBeBetween(
            column=name, min_value=0, meta={"rule_id": question.rule_id, "measure": name}
        )


def _result(found: Any) -> Result:
    raised = [
        name for message in _messages(found.exception_info) for name in _EXCEPTION_NAME.findall(message)
    ]
    if _has_raised(found.exception_info) or not found.result:
        kind = ", ".join(sorted(set(raised))) or "no reason given"
        return _refused(kind)
    counts = {key: value for key, value in found.result.items() if _is_count(value)}
    return Result(is_evaluated=True, is_passed=bool(found.success), counts=counts)


def _has_raised(info: Mapping[str, Any]) -> bool:
    """An expectation that raised looks like an ordinary failure; only this tells. Keyed by metric when one raised."""
    return bool(info.get("raised_exception")) or bool(list(_messages(info)))


def _messages(info: Mapping[str, Any]) -> Iterator[str]:
    for part in (info, *(value for value in info.values() if isinstance(value, Mapping))):
        if part.get("exception_message"):
            yield str(part["exception_message"])


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _refused(kind: str) -> Result:
    return _unanswered(f"The database refused it ({kind}); see that the relation and its columns exist.")


def _unreadable(error: Exception) -> Result:
    return _unanswered(
        f"The warehouse could not be read ({type(error).__name__}); close it elsewhere and judge again."
    )


def _unanswered(problem: str) -> Result:
    return Result(is_evaluated=False, is_passed=False, counts={}, problem=problem)


def _limits(memory_limit: str | None) -> dict[str, str]:
    return {"memory_limit": memory_limit} if memory_limit else {}


def _prepared(
    warehouse: Path, asked: tuple[Question, ...], limits: dict[str, str]
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
        return _refused(type(error).__name__)
    counts = dict(zip(names, rows[0], strict=True)) if len(rows) == 1 else {}
    wanted = (BREACHES, *question.measures)
    if len(counts) != len(names) or not all(_is_count(counts.get(name)) for name in wanted):
        return _unanswered("Its query did not give one row of counts; mend the rule.")
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


def _plain_name(measure: str) -> str:
    return measure.rpartition(".")[2]


def _relation(question: Question) -> str:
    return question.relation


def _query(question: Question) -> str:
    return question.query or ""


def _quoted(relation: str) -> str:
    schema, _, name = relation.partition(".")
    return f'"{schema}"."{name}"'
