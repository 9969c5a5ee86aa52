"""The letter's arithmetic, the sealed report, and the month with the register."""

import dagster as dg

from expectations import catalogue
from orchestration.defs.partitions import months
from orchestration.defs.resources import Clock
from orchestration.defs.stages import OWNERS
from orchestration.installation import Installation
from orchestration.instance.active_runs import WAREHOUSE_POOL
from orchestration.population.month import Month
from orchestration.stages.publication import audit_letters, seal_report
from orchestration.stages.register_months import folder_of, keep_month, report_month
from orchestration.stages.site import publish_site


@dg.asset(key=["report", "letter_audit"], group_name="report", owners=OWNERS, kinds={"python"})
def letter_audit(installation: dg.ResourceParam[Installation]) -> dg.MaterializeResult[None]:
    """Identities that the official letter breaks, with the one correction that mends them where there is one."""
    findings = audit_letters(installation)
    return dg.MaterializeResult(
        metadata={"findings": len(findings), "detail": dg.MetadataValue.json(findings)}
    )


@dg.asset(
    key=["report", "sealed_report"],
    group_name="report",
    owners=OWNERS,
    kinds={"html", "json"},
    pool=WAREHOUSE_POOL,
    deps=[
        *(dg.AssetKey(relation.split(".")) for relation in catalogue.suites()),
        letter_audit,
        dg.AssetKey(["verification", "batches"]),
    ],
)
def sealed_report(installation: dg.ResourceParam[Installation]) -> dg.MaterializeResult[None]:
    """The figures beside the letter's, sealed when every gate is open: the same inputs give the same seal."""
    report = seal_report(installation)
    return dg.MaterializeResult(
        metadata={
            "seal": report.seal,
            "as_of": str(report.as_of),
            "data_docs": dg.MetadataValue.path(str(installation.data_docs / "index.html")),
            "report": dg.MetadataValue.path(str(report.folder / "report.html")),
            "figures": len(report.figures),
        }
    )


@dg.asset(
    key=["report", "register_month"],
    group_name="report",
    owners=OWNERS,
    kinds={"html", "excel"},
    partitions_def=months,
    deps=[dg.AssetKey(["verification", "batches"])],
)
def register_month(
    context: dg.AssetExecutionContext,
    installation: dg.ResourceParam[Installation],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult[None]:
    """Connection, sharing and verification of a month: asked, answered, refused, by whom, how fast; from the ledger."""
    month = Month.parsed(context.partition_key[:7])
    report = report_month(installation, month, clock())
    page = keep_month(report, folder_of(installation, month))
    facts = {name: int(value) for name, value in report.statement["tables"]["totals"][0].items()}
    return dg.MaterializeResult(metadata=facts | {"page": dg.MetadataValue.path(str(page))})


@dg.asset(
    key=["report", "auditor_pages"],
    group_name="report",
    owners=OWNERS,
    kinds={"html"},
    pool=WAREHOUSE_POOL,
    deps=[sealed_report],
)
def auditor_pages(installation: dg.ResourceParam[Installation]) -> dg.MaterializeResult[None]:
    """Pages that work from a file: from every figure of the latest report to its way, packages and letter, and back."""
    first = publish_site(installation)
    pages = len(list(first.parent.glob("*.html")))
    return dg.MaterializeResult(metadata={"page": dg.MetadataValue.path(str(first)), "pages": pages})
