"""The exchange with the population register."""

from collections.abc import Iterator

import dagster as dg

from orchestration.defs.resources import Clock
from orchestration.defs.stages import OWNERS, WAREHOUSE_POOL, stage_spec
from orchestration.installation import Installation
from orchestration.stages.exchange import exchange_with_register, prepare_requests

OUTBOX = dg.AssetKey(["verification", "outbox"])
EXCHANGED = [
    stage_spec("verification", "batches", kinds={"python"}, deps=[OUTBOX], description="Every batch and its state."),
    stage_spec(
        "verification", "transfers", kinds={"parquet"}, deps=[OUTBOX],
        description="Every row that went out, with its batch.",
    ),
    stage_spec(
        "verification", "answers", kinds={"parquet"}, deps=[OUTBOX],
        description="What the register answered, row by row, as immutable segments.",
    ),
]  # fmt: skip


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


@dg.multi_asset(name="exchange_with_register", specs=EXCHANGED, pool=WAREHOUSE_POOL)
def exchange(
    installation: dg.ResourceParam[Installation], clock: dg.ResourceParam[Clock]
) -> Iterator[dg.MaterializeResult[None]]:
    """Send every open batch to the register and keep its answers; what was answered before is not asked again."""
    counts = exchange_with_register(installation, clock)
    for spec in EXCHANGED:
        yield dg.MaterializeResult(
            asset_key=spec.key, metadata={"dagster/row_count": counts[spec.key.path[-1]]}
        )
