"""Jobs: a delivery from bag to report, and the same for one more day."""

import dagster as dg

_increments = dg.AssetSelection.assets(["handover", "sealed_increment"], ["raw", "increment"])
_everything = dg.AssetSelection.all()

import_delivery = dg.define_asset_job(
    "import_delivery",
    selection=_everything - _increments,
    description="One delivery from its bag to the sealed report.",
)

follow_increment = dg.define_asset_job(
    "follow_increment",
    selection=_increments.downstream() | dg.AssetSelection.assets(["report", "letter_audit"]),
    description="One day's new and changed rows, through the gates and the register to the report as of that day.",
)
