"""Vendor tables as raw rows with addresses."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from handover.contract.mapping import load_mappings
from orchestration.defs.partitions import deliveries, increment_days
from orchestration.defs.relations import relation_facts
from orchestration.defs.stages import OWNERS, stage_spec
from orchestration.installation import Installation
from orchestration.instance.active_runs import WAREHOUSE_POOL
from orchestration.stages.intake import import_delivery, import_increment
from orchestration.warehouse.overlap import rows_of_other_days

SEALED = dg.AssetKey(["handover", "sealed_delivery"])
# A mapping, not a list: Dagster would take a list of specs in a module for assets of their own.
TABLES = {
    table.name: stage_spec(
        "raw", table.name, kinds={"postgres", "parquet"}, deps=[SEALED], description=table.grain
    )
    for mapping in load_mappings()
    for table in mapping.tables
}


@dg.multi_asset(name="import_dumps", specs=[*TABLES.values()], partitions_def=deliveries, pool=WAREHOUSE_POOL)
def import_dumps(
    context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
) -> Iterator[dg.MaterializeResult[None]]:
    """Read every dump of the delivery as data, without a server, and give its rows our column names."""
    _, counts = import_delivery(installation, context.partition_key, installation.settings.as_of)
    for name, spec in TABLES.items():
        yield dg.MaterializeResult(asset_key=spec.key, metadata=_facts(installation, name, counts))


@dg.asset(
    key=["raw", "increment"],
    group_name="raw",
    owners=OWNERS,
    kinds={"postgres", "parquet"},
    partitions_def=increment_days,
    deps=[dg.AssetKey(["handover", "sealed_increment"])],
    pool=WAREHOUSE_POOL,
)
def increment(
    context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
) -> dg.MaterializeResult[None]:
    """One day's new and changed rows, published with the rows of the delivery they follow."""
    imported, _ = import_increment(installation, context.partition_time_window.start.date())
    rows = sum(count for tables in imported.row_counts().values() for count in tables.values())
    other_days = rows_of_other_days(imported, load_mappings())
    overlap = sum(sum(days.values()) for days in other_days.values())
    return dg.MaterializeResult(metadata={"dagster/row_count": rows, "rows_of_other_days": overlap})


def _facts(installation: Installation, table: str, counts: dict[str, int]) -> dict[str, Any]:
    with installation.warehouse.connect() as connection:
        return relation_facts(connection, "raw", table) | {"dagster/row_count": counts[table]}
