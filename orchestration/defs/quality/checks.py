"""One gate per relation: each rule of its suite an asset check, critical ones blocking all that comes behind.

The rows of a day come into the raw relations by the asset ``raw/increment``: its gate judges all of them again.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg

from expectations import catalogue
from expectations.rule import Rule
from expectations.verdict import Severity, Verdict
from orchestration.defs.resources import Clock
from orchestration.defs.stages import WAREHOUSE_POOL
from orchestration.installation import Installation
from orchestration.stages.judgement import judge_relation


def gate(guarded: str, suites: Mapping[str, tuple[Rule, ...]]) -> dg.AssetChecksDefinition:
    """The gate of the asset ``stage.name``: the suites judged in one step, one result per rule, always."""
    stage, name = guarded.split(".")
    asset_key = dg.AssetKey([stage, name])
    specs = [
        dg.AssetCheckSpec(
            check_name(rule.id),
            asset=asset_key,
            blocking=rule.severity is Severity.CRITICAL,
            description=f"{rule.id}: {rule.claim_en} ({rule.claim_vi})",
        )
        for rules in suites.values()
        for rule in rules
    ]

    @dg.multi_asset_check(name=f"gate_{stage}_{name}", specs=specs, pool=WAREHOUSE_POOL)
    def judge(
        context: dg.AssetCheckExecutionContext,
        installation: dg.ResourceParam[Installation],
        clock: dg.ResourceParam[Clock],
    ) -> Iterator[dg.AssetCheckResult]:
        for relation, rules in suites.items():
            judged = judge_relation(installation, relation, context.run.run_id, clock())
            verdicts = {verdict.rule_id: verdict for verdict in judged.verdicts}
            for rule in rules:
                yield result(rule, verdicts.get(rule.id), asset_key, judged.page)

    return judge


def result(rule: Rule, verdict: Verdict | None, asset_key: dg.AssetKey, page: Path) -> dg.AssetCheckResult:
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
            "data_docs": dg.MetadataValue.url(f"{page.as_uri()}#{rule.id}"),
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
    """A gate for every relation that has a suite, and one for the rows of a day."""
    suites = catalogue.suites()
    raw = {relation: rules for relation, rules in suites.items() if relation.startswith("raw.")}
    of_relations = [gate(relation, {relation: rules}) for relation, rules in suites.items()]
    return dg.Definitions(asset_checks=[*of_relations, gate("raw.increment", raw)])
