"""A gate in Dagster: one result per rule, always, each with a link to its rule's place in the Data Docs."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from expectations import catalogue
from expectations.verdict import Verdict
from orchestration.defs.quality import checks
from orchestration.stages.judgement import Judged

NOW = datetime(2022, 4, 7, 2, tzinfo=UTC)
RAW = {relation: rules for relation, rules in catalogue.suites().items() if relation.startswith("raw.")}


@dg.asset(key=["raw", "increment"])
def increment() -> None:
    """A day's rows."""


def judged_but_for(missing: str, failed: str, page: Path) -> Callable[..., dict[str, Judged]]:
    def judge(_: object, relations: Iterable[str], run_id: str, now: datetime) -> dict[str, Judged]:
        assert run_id
        assert now == NOW
        return {relation: judged(relation) for relation in relations}

    def judged(relation: str) -> Judged:
        verdicts = tuple(
            Verdict(
                rule_id=rule.id,
                relation=relation,
                severity=rule.severity,
                is_evaluated=True,
                is_passed=rule.id != failed,
                measured={"rows": 7},
                problem=f"{rule.id} is broken." if rule.id == failed else None,
            )
            for rule in RAW[relation]
            if rule.id != missing
        )
        return Judged(verdicts, page / f"{relation}.html")

    return judge


def test_a_day_is_judged_by_every_rule_of_raw_and_stopped_by_one_that_failed_or_was_not_evaluated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "judge_relations", judged_but_for("RAW-KEY-01", "RAW-PACKAGE-02", tmp_path))
    gate = checks.gate("raw_increment", RAW, increment.key)
    done = dg.materialize(
        [increment, gate], resources={"installation": object(), "clock": lambda: NOW}, raise_on_error=False
    )
    found = {check.check_name: check for check in done.get_asset_check_evaluations()}
    assert set(found) == {checks.check_name(rule.id) for rules in RAW.values() for rule in rules}
    assert {name for name, check in found.items() if not check.passed} == {"RAW_KEY_01", "RAW_PACKAGE_02"}
    assert not done.success
    linked = found["RAW_PACKAGE_02"].metadata["data_docs"]
    assert linked.value == f"{(tmp_path / 'raw.doses.html').as_uri()}#RAW-PACKAGE-02"
    assert found["RAW_PACKAGE_02"].metadata["problem"].value == "RAW-PACKAGE-02 is broken."


def test_a_gate_that_has_no_word_on_a_rule_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "judge_relations", judged_but_for("", "", tmp_path))
    monkeypatch.setattr(checks, "_is_selected", lambda context, asset, rule: rule.id != "RAW-KEY-01")
    done = dg.materialize(
        [increment, checks.gate("raw_increment", RAW, increment.key)],
        resources={"installation": object(), "clock": lambda: NOW},
        raise_on_error=False,
    )
    (failure,) = [event for event in done.all_events if event.is_step_failure]
    assert "No word on RAW_KEY_01" in str(failure.step_failure_data.error)
    assert not done.success


def test_a_days_gate_has_the_rules_of_every_raw_relation() -> None:
    gates = {gate.node_def.name: gate for gate in checks.gates().asset_checks or ()}
    of_the_day = {key.name for key in gates["gate_raw_increment"].check_keys}
    assert of_the_day == {key.name for key in gates["gate_raw"].check_keys}


def test_every_relation_with_a_suite_is_guarded_by_a_gate_behind_the_step_that_makes_it() -> None:
    guarded = {key.asset_key for gate in checks.gates().asset_checks or () for key in gate.check_keys}
    assert guarded == {increment.key, *map(checks.asset_key, catalogue.suites())}


def test_a_suite_of_a_relation_that_no_step_makes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "suites", lambda: {**RAW, "raw.nothing": RAW["raw.doses"]})
    with pytest.raises(dg.DagsterInvalidDefinitionError, match=r"No step makes raw\.nothing"):
        checks.gates()


def test_of_a_selection_only_what_was_asked_for_is_judged_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = judged_but_for("", "", tmp_path)
    asked: list[str] = []
    monkeypatch.setattr(
        checks,
        "judge_relations",
        lambda i, relations, *more: (asked.extend(relations), judge(i, relations, *more))[1],
    )
    gate = checks.gate("raw_increment", RAW, increment.key)
    one = dg.AssetCheckKey(increment.key, "RAW_KEY_03")
    done = dg.materialize(
        [increment, gate],
        selection=dg.AssetSelection.checks(one),
        resources={"installation": object(), "clock": lambda: NOW},
    )
    assert [check.check_name for check in done.get_asset_check_evaluations()] == ["RAW_KEY_03"]
    assert asked == ["raw.doses"]
