"""Did receiving lose or change anything?"""

import dagster as dg

from orchestration.installation import Installation


@dg.asset_check(asset=dg.AssetKey(["handover", "sealed_delivery"]), blocking=True)
def vault_holds_what_was_sealed(installation: dg.ResourceParam[Installation]) -> dg.AssetCheckResult:
    """Every object of the vault still has the digest under which it was sealed."""
    damaged = installation.vault.verify()
    return dg.AssetCheckResult(passed=not damaged, metadata={"damaged_objects": len(damaged)})
