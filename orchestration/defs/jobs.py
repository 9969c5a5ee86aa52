"""Jobs: a delivery from bag to report, one more day, what the letters leave open, a month with the register."""

import dagster as dg

_increments = dg.AssetSelection.assets(["handover", "sealed_increment"], ["raw", "increment"])
_letters = dg.AssetSelection.assets(["handover", "obligations"])
_months = dg.AssetSelection.assets(["report", "register_month"])
_pages = dg.AssetSelection.assets(["report", "auditor_pages"])
_everything = dg.AssetSelection.all()

import_delivery = dg.define_asset_job(
    "import_delivery",
    selection=_everything - _increments - _letters - _months,
    description="One delivery from its bag to the sealed report and its pages for auditors.",
)

follow_increment = dg.define_asset_job(
    "follow_increment",
    selection=(_increments.downstream() - _months) | dg.AssetSelection.assets(["report", "letter_audit"]),
    description="One day's new and changed rows, through the gates and the register to the report as of that day.",
)

judge_obligations = dg.define_asset_job(
    "judge_obligations",
    selection=_letters,
    description="What was promised or asked for by letter, and what of it is overdue today.",
)

report_month = dg.define_asset_job(
    "report_month",
    selection=_months,
    description="A month of connection, sharing and verification with the register, counted from the ledger.",
)

publish_pages = dg.define_asset_job(
    "publish_pages",
    selection=_pages,
    description="The auditor's pages of the latest sealed report, every figure traced.",
)
