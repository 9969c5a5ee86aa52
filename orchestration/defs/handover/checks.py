"""Did receiving lose or change anything?"""

import dagster as dg

from orchestration.defs.resources import Clock
from orchestration.installation import Installation
from orchestration.stages.completeness import critical_findings, day_in_viet_nam, overdue_on


@dg.asset_check(asset=dg.AssetKey(["handover", "sealed_delivery"]), blocking=True)
def vault_holds_what_was_sealed(installation: dg.ResourceParam[Installation]) -> dg.AssetCheckResult:
    """Every object of the vault still has the digest under which it was sealed."""
    damaged = installation.vault.verify()
    return dg.AssetCheckResult(passed=not damaged, metadata={"damaged_objects": len(damaged)})


@dg.asset_check(asset=dg.AssetKey(["handover", "completeness"]))
def nothing_critical_was_found(installation: dg.ResourceParam[Installation]) -> dg.AssetCheckResult:
    """No cell of the matrix has a critical finding. (Không có phát hiện nghiêm trọng nào.)"""
    found = critical_findings(installation)
    return dg.AssetCheckResult(
        passed=not found,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"critical": dg.MetadataValue.text(", ".join(found) or "none")},
    )


@dg.asset_check(asset=dg.AssetKey(["handover", "obligations"]))
def nothing_is_overdue(clock: dg.ResourceParam[Clock]) -> dg.AssetCheckResult:
    """Nothing that was promised or asked for is past its due date. (Không có nghĩa vụ nào quá hạn.)"""
    overdue = overdue_on(day_in_viet_nam(clock()))
    return dg.AssetCheckResult(
        passed=not overdue,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={each.what: f"{each.days_overdue} days" for each in overdue},
    )
