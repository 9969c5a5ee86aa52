"""Jobs: a delivery from bag to report, and the same for one more day."""

import dagster as dg

from orchestration.defs.partitions import deliveries, increment_days

_increments = dg.AssetSelection.assets(["handover", "sealed_increment"], ["raw", "increment"])
_everything = dg.AssetSelection.all()

import_delivery = dg.define_asset_job(
    "import_delivery",
    selection=_everything - _increments,
    partitions_def=deliveries,
    description="One delivery from its bag to the sealed report.",
)

follow_increment = dg.define_asset_job(
    "follow_increment",
    selection=_increments.downstream() | dg.AssetSelection.assets(["report", "letter_audit"]),
    partitions_def=increment_days,
    description="One day's new and changed rows, through the gates and the register to the report as of that day.",
)
