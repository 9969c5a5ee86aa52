"""The exchange with the population register."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration.defs.relations import column_schema
from orchestration.defs.resources import Clock
from orchestration.defs.stages import OWNERS, stage_spec
from orchestration.installation import Installation
from orchestration.instance.active_runs import WAREHOUSE_POOL
from orchestration.population.persistence import Patience
from orchestration.stages.dead_letters import refused_counts
from orchestration.stages.exchange import exchange_with_register, prepare_requests

OUTBOX = dg.AssetKey(["verification", "outbox"])
EXCHANGED = {
    name: stage_spec("verification", name, kinds={"parquet"}, deps=[OUTBOX], description=description)
    for name, description in {
        "batches": "Every batch that was prepared for the register, and its state.",
        "transfers": "Every row that went out, with its batch.",
        "answers": "What the register answered, row by row, as immutable segments.",
    }.items()
}


@dg.asset(
    key=OUTBOX,
    group_name="verification",
    owners=OWNERS,
    kinds={"python"},
    pool=WAREHOUSE_POOL,
    deps=[dg.AssetKey(["verification", "int_requests"])],
)
def outbox(
    installation: dg.ResourceParam[Installation], clock: dg.ResourceParam[Clock]
) -> dg.MaterializeResult[None]:
    """Subjects to ask: passed the gates and new, changed since their last answer, or failed; never an unchanged one."""
    prepared = prepare_requests(installation, clock)
    return dg.MaterializeResult(metadata={"dagster/row_count": prepared.rows, "batches": prepared.batches})


@dg.multi_asset(name="exchange_with_register", specs=[*EXCHANGED.values()], pool=WAREHOUSE_POOL)
def exchange(
    context: dg.AssetExecutionContext,
    installation: dg.ResourceParam[Installation],
    clock: dg.ResourceParam[Clock],
    patience: dg.ResourceParam[Patience],
) -> Iterator[dg.MaterializeResult[None]]:
    """Send every open batch to the register and keep its answers; what was answered before is not asked again."""
    counts = exchange_with_register(
        installation,
        clock,
        patience,
        on_wait=lambda seconds, code: context.log.warning(
            f"The register did not answer ({code}); nothing is sent for {seconds:.0f} s."
        ),
    )
    refused = refused_counts(installation)
    with installation.warehouse.connect() as connection:
        schemas = {name: column_schema(connection, "verification", name) for name in EXCHANGED}
    for name, spec in EXCHANGED.items():
        metadata: dict[str, Any] = schemas[name] | {"dagster/row_count": counts[name]}
        if name == "answers":
            metadata |= {"refused_rows": sum(refused.values()), "refused_by_code": refused}
        yield dg.MaterializeResult(asset_key=spec.key, metadata=metadata)
