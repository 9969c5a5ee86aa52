"""dbt models as assets, one step per layer: a gate stands between each layer and the next."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, DbtProject, dbt_assets

from orchestration.defs.stages import OWNERS, WAREHOUSE_POOL
from orchestration.installation import Installation
from orchestration.warehouse import transformation
from orchestration.warehouse.relations import preview, row_count
from orchestration.warehouse.scope import recorded_as_of

LAYERS = {
    "staging": "resource_type:seed tiemchung.staging",
    "cleansing": "tiemchung.intermediate.cleansing int_requests",
    "verification": "int_outcomes",
    "marts": "tiemchung.marts",
    "report": "tiemchung.report",
}


class StageTranslator(DagsterDbtTranslator):
    """A relation's schema is its stage: ``schema.model`` in the warehouse is the asset ``[schema, model]``."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        """``[schema, name]`` for models, seeds and sources alike."""
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_asset_spec(
        self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None
    ) -> dg.AssetSpec:
        """Stage, owner and, for staging, the increments that reach it beside the delivery."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        stage = spec.key.path[0]
        spec = spec.replace_attributes(group_name=stage, owners=OWNERS)
        if stage == "staging":
            return spec.merge_attributes(deps=[dg.AssetKey(["raw", "increment"])])
        return spec


def layer_step(layer: str, select: str) -> dg.AssetsDefinition:
    """The step that builds one layer: ``dbt build`` of its models and their tests."""

    @dbt_assets(
        manifest=transformation.MANIFEST,
        select=select,
        name=f"build_{layer}",
        pool=WAREHOUSE_POOL,
        dagster_dbt_translator=StageTranslator(),
    )
    def build(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, installation: dg.ResourceParam[Installation]
    ) -> Iterator[Any]:
        with installation.warehouse.connect() as connection:
            as_of = recorded_as_of(connection)
        arguments = ["build", "--vars", f"{{as_of: '{as_of}'}}"]
        events = list(dbt.cli(arguments, context=context, target_path=installation.dbt_target).stream())
        yield from (_with_facts(event, installation) for event in events)

    return build


def _with_facts(event: Any, installation: Installation) -> Any:
    """Row count and preview beside what dbt reported; results of dbt's tests pass as they are."""
    if not isinstance(event, dg.Output):
        return event
    stage, name = str(event.output_name).split("__", 1)
    with installation.warehouse.connect() as connection:
        facts: dict[str, Any] = {
            "dagster/row_count": row_count(connection, stage, name),
            "preview": dg.MetadataValue.md(preview(connection, stage, name)),
        }
    return event.with_metadata({**event.metadata, **facts})


build_staging = layer_step("staging", LAYERS["staging"])
build_cleansing = layer_step("cleansing", LAYERS["cleansing"])
build_verification = layer_step("verification", LAYERS["verification"])
build_marts = layer_step("marts", LAYERS["marts"])
build_report = layer_step("report", LAYERS["report"])
