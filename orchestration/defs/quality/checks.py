"""One gate per relation: each rule of its suite an asset check, critical ones blocking all that comes behind."""

from collections.abc import Iterator

import dagster as dg

from expectations import catalogue
from expectations.rule import Rule
from expectations.verdict import Severity, Verdict
from orchestration.defs.stages import WAREHOUSE_POOL
from orchestration.installation import Installation
from orchestration.stages.judgement import judge_relation


def gate(relation: str, rules: tuple[Rule, ...]) -> dg.AssetChecksDefinition:
    """The gate of a relation ``schema.name``: judged in one step, one result per rule, always."""
    stage, name = relation.split(".")
    specs = [
        dg.AssetCheckSpec(
            check_name(rule.id),
            asset=[stage, name],
            blocking=rule.severity is Severity.CRITICAL,
            description=f"{rule.id}: {rule.claim_en} ({rule.claim_vi})",
        )
        for rule in rules
    ]

    @dg.multi_asset_check(name=f"gate_{stage}_{name}", specs=specs, pool=WAREHOUSE_POOL)
    def judge(
        context: dg.AssetCheckExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> Iterator[dg.AssetCheckResult]:
        verdicts = {v.rule_id: v for v in judge_relation(installation, relation, context.run.run_id)}
        for rule in rules:
            yield result(rule, verdicts.get(rule.id), dg.AssetKey([stage, name]))

    return judge


def result(rule: Rule, verdict: Verdict | None, asset_key: dg.AssetKey) -> dg.AssetCheckResult:
    """A rule without a verdict was not evaluated, and not evaluated is not passed."""
    return dg.AssetCheckResult(
        asset_key=asset_key,
        check_name=check_name(rule.id),
        passed=verdict is not None and verdict.is_evaluated and verdict.is_passed,
        severity=(
            dg.AssetCheckSeverity.ERROR if rule.severity is Severity.CRITICAL else dg.AssetCheckSeverity.WARN
        ),
        metadata={
            "rule_id": rule.id,
            "is_evaluated": verdict is not None and verdict.is_evaluated,
            **({f"measured_{k}": v for k, v in verdict.measured.items()} if verdict else {}),
            **({"problem": verdict.problem} if verdict and verdict.problem else {}),
        },
    )


def check_name(rule_id: str) -> str:
    """Dagster allows no hyphens: ``SUB-ID-03`` is the check ``SUB_ID_03``."""
    return rule_id.replace("-", "_")


@dg.definitions
def gates() -> dg.Definitions:
    """A gate for every relation that has a suite."""
    return dg.Definitions(
        asset_checks=[gate(relation, rules) for relation, rules in catalogue.suites().items()]
    )
