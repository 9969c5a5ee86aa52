"""``tiemchung gates``: what it tells, and when the answer is no."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner, Result

from expectations import catalogue
from expectations.verdict import Severity, Verdict
from orchestration import terminal
from orchestration.cli import app
from orchestration.errors import UsageError
from orchestration.warehouse.errors import WarehouseError
from orchestration.warehouse.verdicts import Judgement, prepare_results, record_verdicts

NOW = datetime(2022, 4, 7, 2, tzinfo=UTC)
RULES = [(relation, rule) for relation, rules in catalogue.suites().items() for rule in rules]
SCOPE = """
create schema raw;
create table raw.scope as
select 'd1' as package, null::date as covers_on, date '2022-04-06' as as_of, 1 as import_number
"""
Home = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose gates were all judged: every rule passed but those named, and those left out never ran."""

    def make(failed: tuple[str, ...] = (), left_out: tuple[str, ...] = ()) -> Path:
        with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
            connection.execute(SCOPE)
            prepare_results(connection, catalogue.suites())
            record_verdicts(
                connection,
                Judgement("run-1", NOW),
                [
                    Verdict(
                        rule_id=rule.id,
                        relation=relation,
                        severity=rule.severity,
                        is_evaluated=True,
                        is_passed=rule.id not in failed,
                        measured={"rows": 100, "breaking": int(rule.id in failed)},
                        problem=f"{rule.id} is broken." if rule.id in failed else None,
                    )
                    for relation, rule in RULES
                    if rule.id not in left_out
                ],
            )
        return tmp_path

    return make


def ask(home: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["gates", "--home", str(home), *options])


def test_the_answer_is_yes_when_every_critical_rule_passed(home: Home) -> None:
    warnings = tuple(rule.id for _, rule in RULES if rule.severity is Severity.WARNING)
    done = ask(home(failed=warnings[:1], left_out=warnings[1:2]), "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert told["is_open"]
    assert {r["rule_id"] for r in told["results"] if r["state"] == "failed"} == set(warnings[:1])
    assert {r["rule_id"] for r in told["results"] if r["state"] == "not_evaluated"} == set(warnings[1:2])


@pytest.mark.parametrize("harm", [{"failed": ("CLN-COUNT-01",)}, {"left_out": ("CLN-COUNT-01",)}])
def test_the_answer_is_no_when_a_critical_rule_failed_or_was_not_evaluated(
    harm: dict[str, tuple[str, ...]], home: Home
) -> None:
    path = home(**harm)
    assert ask(path).exit_code == 1
    assert ask(path, "--relation", "cleansing.int_subjects", "--json").exit_code == 1
    assert ask(path, "--relation", "cleansing.int_doses", "--json").exit_code == 0


def test_a_row_tells_rule_package_run_counts_and_problem(home: Home) -> None:
    done = ask(home(failed=("CLN-COUNT-01",)), "--json", "--relation", "cleansing.int_subjects")
    row = next(r for r in json.loads(done.stdout)["results"] if r["rule_id"] == "CLN-COUNT-01")
    expected = {
        "package": "d1", "severity": "critical", "state": "failed", "run_id": "run-1", "rows": 100, "expected": None,
        "breaking": 1, "missing": None, "problem": "CLN-COUNT-01 is broken.",
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert datetime.fromisoformat(row["judged_at"]) == NOW


def test_people_read_the_state_in_both_languages_and_where_the_pages_lie(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = StringIO()
    monkeypatch.setattr(terminal, "out", terminal.console_of(printed))
    ask(home(failed=("CLN-COUNT-01",), left_out=("CLN-KEY-01",)))
    said = printed.getvalue()
    for expected in ("không đạt · failed", "chưa xét · not evaluated", "đạt · passed", "index.html"):
        assert expected in said
    assert "CLN-KEY-01 was not evaluated." in said


def test_a_home_without_rows_or_a_relation_without_suite_is_refused(home: Home, tmp_path: Path) -> None:
    assert isinstance(ask(tmp_path).exception, WarehouseError)
    assert isinstance(ask(home(), "--relation", "raw.nothing").exception, UsageError)
