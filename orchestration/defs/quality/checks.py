"""A gate behind each step that makes relations: every rule of their suites an asset check, critical ones blocking.

One step judges all relations of a layer, for opening the warehouse and Great Expectations takes longer than most rules.
The rows of a day come into the raw relations by the asset ``raw/increment``: its gate judges all of them again.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg

from expectations import catalogue
from expectations.rule import Rule
from expectations.verdict import Severity, Verdict
from orchestration.defs.raw.assets import import_dumps, increment
from orchestration.defs.resources import Clock
from orchestration.defs.warehouse.assets import LAYER_STEPS
from orchestration.installation import Installation
from orchestration.instance.active_runs import WAREHOUSE_POOL
from orchestration.stages.judgement import judge_relations

STEPS = {"raw": import_dumps, **LAYER_STEPS}
Suites = Mapping[str, tuple[Rule, ...]]


def gate(name: str, suites: Suites, guarded: dg.AssetKey | None = None) -> dg.AssetChecksDefinition:
    """The suites of some relations judged in one step, one result per rule, always.

    Rules are checks of the relations' assets, or all of ``guarded``. Of a selection, whole relations are judged.
    """
    assets = {relation: guarded or asset_key(relation) for relation in suites}
    specs = [
        dg.AssetCheckSpec(
            check_name(rule.id),
            asset=assets[relation],
            blocking=rule.severity is Severity.CRITICAL,
            description=f"{rule.id}: {rule.claim_en} ({rule.claim_vi})",
        )
        for relation, rules in suites.items()
        for rule in rules
    ]

    @dg.multi_asset_check(name=f"gate_{name}", specs=specs, pool=WAREHOUSE_POOL, can_subset=True)
    def judge(
        context: dg.AssetCheckExecutionContext,
        installation: dg.ResourceParam[Installation],
        clock: dg.ResourceParam[Clock],
    ) -> Iterator[dg.AssetCheckResult]:
        wanted = {
            relation: [rule for rule in rules if _is_selected(context, assets[relation], rule)]
            for relation, rules in suites.items()
        }
        relations = [relation for relation, rules in wanted.items() if rules]
        judged = judge_relations(installation, relations, context.run.run_id, clock())
        untold = set(context.selected_asset_check_keys)
        for relation in relations:
            verdicts = {verdict.rule_id: verdict for verdict in judged[relation].verdicts}
            for rule in wanted[relation]:
                untold.discard(dg.AssetCheckKey(assets[relation], check_name(rule.id)))
                yield result(rule, verdicts.get(rule.id), assets[relation], judged[relation].page)
        if untold:  # of a step that can be cut down Dagster misses no result
            raise dg.Failure(f"No word on {', '.join(sorted(key.name for key in untold))}; mend the gate.")

    return judge


def _is_selected(context: dg.AssetCheckExecutionContext, asset: dg.AssetKey, rule: Rule) -> bool:
    return dg.AssetCheckKey(asset, check_name(rule.id)) in context.selected_asset_check_keys


def asset_key(relation: str) -> dg.AssetKey:
    """``schema.name`` in the warehouse is the asset ``[schema, name]``."""
    return dg.AssetKey(relation.split("."))


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
    """A gate behind every step that makes relations with suites, and one for the rows of a day."""
    suites = catalogue.suites()
    behind = {name: _suites_of(step, suites) for name, step in STEPS.items()}
    if unguarded := set(suites).difference(*behind.values()):
        raise dg.DagsterInvalidDefinitionError(
            f"No step makes {', '.join(sorted(unguarded))}, which has a suite."
        )
    of_the_day = gate("raw_increment", behind["raw"], increment.key)
    return dg.Definitions(asset_checks=[*(gate(name, found) for name, found in behind.items()), of_the_day])


def _suites_of(step: dg.AssetsDefinition, suites: Suites) -> Suites:
    return {relation: rules for relation, rules in suites.items() if asset_key(relation) in step.keys}
