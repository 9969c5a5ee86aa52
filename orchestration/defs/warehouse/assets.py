"""dbt models as assets, one step per layer: a gate stands between each layer and the next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtProject, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration.defs.relations import column_words, lineage_facts, relation_facts
from orchestration.defs.stages import OWNERS
from orchestration.installation import Installation
from orchestration.instance.active_runs import WAREHOUSE_POOL
from orchestration.lineage.column_lineage import Columns
from orchestration.lineage.project import Name, Project, read_project
from orchestration.lineage.relation import lineage_of
from orchestration.lineage.rows import known_columns
from orchestration.run_log import COLUMN_SCHEMA
from orchestration.warehouse import following, transformation
from orchestration.warehouse.project import MANIFEST, compiled_manifest, read_manifest
from orchestration.warehouse.scope import recorded_as_of

LAYERS = {
    "staging": "resource_type:seed tiemchung.staging",
    "cleansing": "tiemchung.intermediate.cleansing int_requests",
    "verification": "int_changes__outcomes int_outcomes__evidence int_outcomes__combinations int_outcomes",
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
        """Stage, owner and, for staging and seeds, the increments that reach them beside the delivery.

        A day's run loads the seeds, too: they may have changed with the version since the delivery's.

        Columns are told when they are made: Dagster would show the manifest's words on them in place of those.
        """
        spec = super().get_asset_spec(manifest, unique_id, project)
        stage = spec.key.path[0]
        metadata = {name: value for name, value in spec.metadata.items() if name != COLUMN_SCHEMA}
        spec = spec.replace_attributes(group_name=stage, owners=OWNERS, metadata=metadata)
        if stage in {"seeds", "staging"}:
            return spec.merge_attributes(deps=[dg.AssetKey(["raw", "increment"])])
        return spec


TRANSLATOR = StageTranslator()


def layer_step(layer: str, select: str) -> dg.AssetsDefinition:
    """The step that builds one layer: ``dbt build`` of its models and their tests."""

    @dbt_assets(
        manifest=MANIFEST,
        select=select,
        name=f"build_{layer}",
        pool=WAREHOUSE_POOL,
        dagster_dbt_translator=TRANSLATOR,
    )
    def build(
        context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
    ) -> Iterator[Any]:
        names = sorted(key.path[-1] for key in context.selected_asset_keys)
        with installation.warehouse.connect() as connection:
            as_of = recorded_as_of(connection)
            key = installation.settings.digest_key
            following_build = following.started(connection, names, read_manifest(), key)
            is_anew = context.run.tags.get(following.BUILD_TAG) == following.ANEW
            since = following_build.begin(is_anew=is_anew)
        context.log.info(
            f"Built anew as of {as_of}." if since is None else f"Brought from {since} to {as_of}."
        )
        built = transformation.build(names, as_of, installation.dbt_target, since)
        if built.failure is None:
            with installation.warehouse.connect() as connection:
                following_build.at(connection).end(since, key)
        yield from _with_facts(_events(built.events, context), installation)
        built.raise_on_failure()

    return build


def _events(raw_events: Iterable[dict[str, Any]], context: dg.AssetExecutionContext) -> Iterator[Any]:
    """dbt's events as Dagster's: an output per model or seed, a check result per test."""
    manifest = read_manifest()
    for raw in raw_events:
        message = DbtCoreCliEventMessage(raw_event=raw, event_history_metadata={})
        yield from message.to_default_asset_events(manifest, TRANSLATOR, context)


def _with_facts(events: Iterable[Any], installation: Installation) -> Iterator[Any]:
    """Beside what dbt reported: rows, columns and where they come from; results of dbt's tests pass as they are."""
    told = list(events)
    outputs = [event for event in told if isinstance(event, dg.Output)]
    facts: dict[str, dict[str, Any]] = {}
    if outputs:
        compiled = _Compiled.read(installation.dbt_target)
        with installation.warehouse.connect() as connection:
            known = known_columns(connection)
            for event in outputs:
                name = Name(*str(event.output_name).split("__", 1))
                facts[event.output_name] = _facts(connection, compiled, known, name)
    for event in told:
        if isinstance(event, dg.Output):
            yield event.with_metadata({**event.metadata, **facts[event.output_name]})
        else:
            yield event


def _facts(
    connection: duckdb.DuckDBPyConnection, compiled: "_Compiled", known: Columns, name: Name
) -> dict[str, Any]:
    """A view behind staging is not read: its first rows, and how many there are, may cost as much as all of them."""
    lineage = lineage_of(compiled.project, known, name)
    words = column_words(compiled.documented[name], lineage)
    is_quick = name.schema == "staging" or compiled.project.relation(name).materialized != "view"
    facts = relation_facts(connection, name.schema, name.relation, words, is_read=is_quick)
    return facts | lineage_facts(lineage)


@dataclass(frozen=True)
class _Compiled:
    """What dbt has just compiled, and what its YAML says of columns."""

    project: Project
    documented: Mapping[Name, Mapping[str, Any]]

    @classmethod
    def read(cls, target: Path) -> "_Compiled":
        """Read it once for a whole layer."""
        manifest = compiled_manifest(target)
        nodes = manifest["nodes"].values()
        return cls(read_project(manifest), {Name(n["schema"], n["name"]): n["columns"] for n in nodes})


LAYER_STEPS = {layer: layer_step(layer, select) for layer, select in LAYERS.items()}
found = [*LAYER_STEPS.values()]
"""The same for Dagster, which finds definitions that stand alone or in a list."""
