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

from expectations.preparation import plain_name, prepared_questions
from expectations.result import Question, Result, is_count, refused, unanswered

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
        return {question.rule_id: unanswered(problem) for question in asked}
    results: dict[str, Result] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            prepared, results = prepared_questions(warehouse, asked, _limits(memory_limit))
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
        elif is_count(count := found.result.get("observed_value")):
            measured.setdefault(about["rule_id"], {})[plain_name(about["measure"])] = count
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
        return refused(kind)
    counts = {key: value for key, value in found.result.items() if is_count(value)}
    return Result(is_evaluated=True, is_passed=bool(found.success), counts=counts)


def _has_raised(info: Mapping[str, Any]) -> bool:
    """An expectation that raised looks like an ordinary failure; only this tells. Keyed by metric when one raised."""
    return bool(info.get("raised_exception")) or bool(list(_messages(info)))


def _messages(info: Mapping[str, Any]) -> Iterator[str]:
    for part in (info, *(value for value in info.values() if isinstance(value, Mapping))):
        if part.get("exception_message"):
            yield str(part["exception_message"])


def _unreadable(error: Exception) -> Result:
    return unanswered(
        f"The warehouse could not be read ({type(error).__name__}); close it elsewhere and judge again."
    )


def _limits(memory_limit: str | None) -> dict[str, str]:
    return {"memory_limit": memory_limit} if memory_limit else {}


def _query(question: Question) -> str:
    return question.query or ""
