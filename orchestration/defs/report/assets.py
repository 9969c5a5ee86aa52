"""The letter's arithmetic and the sealed report."""

import dagster as dg

from expectations import catalogue
from orchestration.defs.stages import OWNERS, WAREHOUSE_POOL
from orchestration.installation import Installation
from orchestration.stages.publication import audit_letters, seal_report


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
