"""What is kept of judgements: history, the newest per rule and package with what was never judged, and the pages."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from expectations import catalogue
from expectations.runner import judge
from expectations.verdict import Severity, State, Verdict
from orchestration.reporting.data_docs import write_data_docs
from orchestration.warehouse.verdicts import (
    Judgement,
    prepare_results,
    read_outcomes,
    read_verdicts,
    record_verdicts,
)
from tests.integration.gates.test_gates_verdicts import SENTINELS, SPOILED

Build = Callable[..., Path]
FactsOf = Callable[[str], Mapping[str, int | str]]

NOW = datetime(2022, 4, 7, 2, tzinfo=UTC)
RELATION = "raw.facilities"
SUITES = {RELATION: catalogue.suites()[RELATION]}
RULES = [rule.id for rule in SUITES[RELATION]]
SCOPE = """
create schema raw;
create table raw.scope (package varchar, covers_on date, as_of date, import_number bigint);
insert into raw.scope values ('d1', null, '2022-04-06', 1), ('d1.2022-04-06', '2022-04-06', '2022-04-06', 1);
"""


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(SCOPE)
    prepare_results(connection, SUITES)
    return connection


def verdicts(is_passed: bool = True) -> list[Verdict]:
    """All rules of the suite passed, but the first where told so."""
    passed = [
        Verdict(
            rule_id=id_,
            relation=RELATION,
            severity=Severity.CRITICAL,
            is_evaluated=True,
            is_passed=True,
            measured={"rows": 3, "breaking": 0},
            problem=None,
        )
        for id_ in RULES
    ]
    first = replace(passed[0], is_passed=is_passed, problem=None if is_passed else "It is broken.")
    return [first, *passed[1:]]


def states(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, State]]:
    return {(outcome.package, outcome.state) for outcome in read_outcomes(connection)}


def test_what_was_never_judged_is_a_row_for_every_rule_and_package(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = read_outcomes(warehouse)
    assert sorted({(o.rule_id, o.package) for o in found}) == sorted(
        (id_, package) for id_ in RULES for package in ("d1", "d1.2022-04-06")
    )
    assert {o.state for o in found} == {State.NOT_EVALUATED}
    assert all(o.problem and o.rule_id in o.problem for o in found)
    assert {v["state"] for v in read_verdicts(warehouse)} == {State.NOT_EVALUATED}


def test_a_judgement_holds_for_the_packages_in_scope_then(warehouse: duckdb.DuckDBPyConnection) -> None:
    record_verdicts(warehouse, Judgement("run-1", NOW), verdicts())
    assert states(warehouse) == {("d1", State.PASSED), ("d1.2022-04-06", State.PASSED)}
    warehouse.execute("insert into raw.scope values ('d1.2022-04-07', '2022-04-07', '2022-04-07', 1)")
    assert ("d1.2022-04-07", State.NOT_EVALUATED) in states(warehouse)
    assert {v["state"] for v in read_verdicts(warehouse)} == {State.NOT_EVALUATED}


def test_the_newest_judgement_counts_and_the_older_ones_are_kept(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    record_verdicts(warehouse, Judgement("run-1", NOW), verdicts(is_passed=False))
    record_verdicts(warehouse, Judgement("run-2", NOW + timedelta(days=1)), verdicts())
    assert {o.run_id for o in read_outcomes(warehouse)} == {"run-2"}
    kept = warehouse.execute(
        "select run_id, state, count(*) from quality.results group by all order by all"
    ).fetchall()
    assert kept == [
        ("run-1", "failed", 1),
        ("run-1", "passed", len(RULES) - 1),
        ("run-2", "passed", len(RULES)),
    ]


def test_a_gate_that_did_not_run_since_rows_were_imported_is_not_evaluated(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    record_verdicts(warehouse, Judgement("run-1", NOW), verdicts())
    warehouse.execute("update raw.scope set import_number = 2")
    assert {state for _, state in states(warehouse)} == {State.NOT_EVALUATED}


def test_a_rule_that_is_new_in_the_catalogue_is_not_evaluated(warehouse: duckdb.DuckDBPyConnection) -> None:
    record_verdicts(warehouse, Judgement("run-1", NOW), verdicts())
    new = replace(SUITES[RELATION][0], id="RAW-NEW-01")
    prepare_results(warehouse, {RELATION: (*SUITES[RELATION], new)})
    open_ = {o.rule_id for o in read_outcomes(warehouse) if o.state is not State.PASSED}
    assert open_ == {"RAW-NEW-01"}


def test_a_package_that_waits_for_its_import_is_not_evaluated(warehouse: duckdb.DuckDBPyConnection) -> None:
    record_verdicts(warehouse, Judgement("run-1", NOW), verdicts())
    prepare_results(warehouse, SUITES, waiting=["d2"])
    waiting = [o for o in read_outcomes(warehouse) if not o.is_in_scope]
    assert {(o.package, o.state) for o in waiting} == {("d2", State.NOT_EVALUATED)}
    assert len(waiting) == len(RULES)
    assert {v["state"] for v in read_verdicts(warehouse)} == {State.PASSED}


def test_a_rule_that_could_not_be_judged_is_neither_passed_nor_failed(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    unjudged = replace(
        verdicts()[0], is_evaluated=False, is_passed=False, measured={}, problem="No such column."
    )
    record_verdicts(warehouse, Judgement("run-1", NOW), [unjudged, *verdicts()[1:]])
    found = {o.rule_id: o for o in read_outcomes(warehouse)}
    assert (found[RULES[0]].state, found[RULES[0]].problem) == (State.NOT_EVALUATED, "No such column.")
    assert found[RULES[0]].as_json()["rows"] is None
    assert found[RULES[1]].as_json()["rows"] == 3


def test_a_warehouse_of_an_older_version_is_taken_over() -> None:
    connection = duckdb.connect()
    connection.execute(
        "create schema raw; create table raw.scope as select 'd1' as package, null::date as covers_on,"
        " date '2022-04-06' as as_of; create schema quality; create table quality.verdicts (rule_id varchar)"
    )
    prepare_results(connection, SUITES)
    record_verdicts(connection, Judgement("run-1", NOW), verdicts())
    assert states(connection) == {("d1", State.PASSED)}
    assert connection.execute("select 1 from duckdb_tables() where table_name = 'verdicts'").fetchall() == []


def test_nothing_is_read_where_nothing_was_judged() -> None:
    assert read_outcomes(duckdb.connect()) == []
    assert read_verdicts(duckdb.connect()) == []


def test_data_docs_of_broken_rules_hold_no_value_of_the_data(
    build: Build, facts_of: FactsOf, tmp_path: Path
) -> None:
    spoiled = build(SPOILED)
    judged = {relation: judge(spoiled, relation, facts_of(relation)) for relation in catalogue.suites()}
    assert sum(v.state is State.FAILED for found in judged.values() for v in found) > 30
    with duckdb.connect(spoiled) as connection:
        connection.execute("drop table raw.scope; drop schema if exists quality cascade")
        connection.execute(SCOPE.replace("create schema raw;", ""))
        prepare_results(connection, catalogue.suites(), waiting=["d2"])
        for found in judged.values():
            record_verdicts(connection, Judgement("run-1", NOW), found)
        outcomes = read_outcomes(connection)
    write_data_docs(tmp_path / "docs", catalogue.suites(), outcomes)
    pages = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "docs").iterdir()}
    assert set(pages) == {"index.html", *(f"{relation}.html" for relation in catalogue.suites())}
    assert [(name, value) for name, page in pages.items() for value in SENTINELS if value in page] == []


def test_data_docs_tell_each_rule_with_its_state_and_load_nothing(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute(SCOPE)
    prepare_results(connection, SUITES)
    record_verdicts(connection, Judgement("run-1", NOW), verdicts(is_passed=False)[:2])
    page = write_data_docs(tmp_path, SUITES, read_outcomes(connection))[RELATION].read_text(encoding="utf-8")
    for rule in SUITES[RELATION]:
        assert f'id="{rule.id}"' in page
        assert rule.claim_vi in page
    for said in ("It is broken.", "chưa đánh giá", "d1, d1.2022-04-06", "ExpectTableRowCountToEqual"):
        assert said in page
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert f'href="{RELATION}.html"' in index
    assert not any(
        outside in text for text in (page, index) for outside in ("http://", "https://", "<script", "src=")
    )


def test_data_docs_are_written_anew_only_where_they_would_tell_something_else(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute(SCOPE)
    prepare_results(connection, SUITES)
    record_verdicts(connection, Judgement("run-1", NOW), verdicts(is_passed=True))
    page = write_data_docs(tmp_path, SUITES, read_outcomes(connection))[RELATION]
    told, made = page.read_bytes(), page.stat().st_mtime_ns
    write_data_docs(tmp_path, SUITES, read_outcomes(connection))
    assert page.stat().st_mtime_ns == made
    for spoilt in (told.replace("đạt".encode(), b"?"), told[:-9], told[9:], b"", b"\xff"):
        page.write_bytes(spoilt)
        write_data_docs(tmp_path, SUITES, read_outcomes(connection))
        assert page.read_bytes() == told
    record_verdicts(connection, Judgement("run-2", NOW + timedelta(hours=1)), verdicts(is_passed=False))
    write_data_docs(tmp_path, SUITES, read_outcomes(connection))
    assert page.read_bytes() != told
