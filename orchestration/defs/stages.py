"""What every asset says of itself in the same words: stage, owner, the pool of the one warehouse writer."""

import dagster as dg

OWNERS = ["team:data-platform"]
MAPPED_TABLES_STAGE = "raw"


def stage_spec(
    stage: str, name: str, *, kinds: set[str], description: str, deps: list[dg.AssetKey] | None = None
) -> dg.AssetSpec:
    """An asset of a stage: key ``[stage, name]``, group = stage."""
    return dg.AssetSpec(
        [stage, name], group_name=stage, kinds=kinds, owners=OWNERS, description=description, deps=deps
    )
