"""Packages received and sealed, and what is in them."""

from pathlib import Path
from typing import Any

import dagster as dg

from handover.completeness import Completeness
from handover.inventory.documents import Document, inventory_documents
from handover.inventory.installers import Installer, inventory_installers
from handover.inventory.source import SourceTree, inventory_source
from handover.malware import Scan, scan
from handover.sealed import SealedDelivery
from orchestration.defs.partitions import deliveries, increment_days
from orchestration.defs.resources import Clock
from orchestration.defs.stages import OWNERS
from orchestration.installation import Installation
from orchestration.settings import environ_for_others
from orchestration.stages.completeness import (
    assess_delivery,
    completeness_table,
    day_in_viet_nam,
    obligations_on,
    obligations_table,
)
from orchestration.stages.intake import receive_delivery, receive_increment

STAGE: dict[str, Any] = {"group_name": "handover", "owners": OWNERS}


class Reception(dg.Config):
    """Where the package (bag, folder, zip or tar) lies; empty: vault, then inbox, are searched for the delivery."""

    bag: str = ""


@dg.asset(key=["handover", "sealed_delivery"], partitions_def=deliveries, kinds={"bagit"}, **STAGE)
def sealed_delivery(
    context: dg.AssetExecutionContext,
    config: Reception,
    installation: dg.ResourceParam[Installation],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult[None]:
    """One package from the vendor: verified as a bag, copied into the vault, sealed; immutable from here on."""
    bag = Path(config.bag) if config.bag else None
    sealed = receive_delivery(installation, context.partition_key, bag, clock())
    return dg.MaterializeResult(metadata=_facts(sealed))


@dg.asset(key=["handover", "sealed_increment"], partitions_def=increment_days, kinds={"bagit"}, **STAGE)
def sealed_increment(
    context: dg.AssetExecutionContext,
    installation: dg.ResourceParam[Installation],
    clock: dg.ResourceParam[Clock],
) -> dg.MaterializeResult[None]:
    """One day's new and changed rows, sealed as a package of its own."""
    day = context.partition_time_window.start.date()
    return dg.MaterializeResult(metadata=_facts(receive_increment(installation, day, clock())))


@dg.asset(
    key=["handover", "source_inventory"],
    partitions_def=deliveries,
    deps=[sealed_delivery],
    kinds={"python"},
    **STAGE,
)
def source_inventory(
    context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
) -> list[SourceTree]:
    """Source trees by component: files, languages, build files, licences, migrations."""
    trees = list(inventory_source(installation.vault.delivery(context.partition_key)))
    context.add_output_metadata({"trees": len(trees), "files": sum(tree.file_count for tree in trees)})
    return trees


@dg.asset(
    key=["handover", "installer_inventory"],
    partitions_def=deliveries,
    deps=[sealed_delivery],
    kinds={"python"},
    **STAGE,
)
def installer_inventory(
    context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
) -> list[Installer]:
    """Installers by component: real type by content, version, digest."""
    installers = list(inventory_installers(installation.vault.delivery(context.partition_key)))
    context.add_output_metadata({"installers": len(installers)})
    return installers


@dg.asset(
    key=["handover", "document_inventory"],
    partitions_def=deliveries,
    deps=[sealed_delivery],
    kinds={"python"},
    **STAGE,
)
def document_inventory(
    context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]
) -> list[Document]:
    """Documents by component and kind: real type by content, length, whether text can be read."""
    documents = list(inventory_documents(installation.vault.delivery(context.partition_key)))
    context.add_output_metadata({"documents": len(documents)})
    return documents


@dg.asset(
    key=["handover", "malware_scan"],
    partitions_def=deliveries,
    deps=[sealed_delivery],
    kinds={"python"},
    **STAGE,
)
def malware_scan(context: dg.AssetExecutionContext, installation: dg.ResourceParam[Installation]) -> Scan:
    """What the installation's malware scanner says of every file; without a scanner, not assessed."""
    files = installation.vault.delivery(context.partition_key).files
    scanned = scan(files, installation.settings.scan_command, environ_for_others())
    facts = {"status": str(scanned.status), "reported": len(scanned.reported), "reason": scanned.reason}
    context.add_output_metadata(facts)
    return scanned


@dg.asset(
    key=["handover", "completeness"],
    partitions_def=deliveries,
    deps=[dg.AssetKey(["raw", "subjects"])],
    kinds={"python"},
    **STAGE,
)
def completeness(
    context: dg.AssetExecutionContext,
    installation: dg.ResourceParam[Installation],
    source_inventory: list[SourceTree],
    installer_inventory: list[Installer],
    document_inventory: list[Document],
    malware_scan: Scan,
) -> Completeness:
    """The 16 cells, component by deliverable: what came, how deep it was checked, what is outstanding."""
    assessed = assess_delivery(
        installation,
        context.partition_key,
        source_inventory,
        installer_inventory,
        document_inventory,
        malware_scan,
    )
    context.add_output_metadata(
        {
            "matrix": dg.MetadataValue.md(completeness_table(assessed)),
            "page": dg.MetadataValue.path(str(installation.handover_page)),
        }
    )
    return assessed


@dg.asset(key=["handover", "obligations"], kinds={"python"}, **STAGE)
def obligations(clock: dg.ResourceParam[Clock]) -> dg.MaterializeResult[None]:
    """What the letters and meetings leave open today; renewed every morning, so that no due date passes unseen."""
    owed = obligations_on(day_in_viet_nam(clock()))
    return dg.MaterializeResult(
        metadata={
            "outstanding": sum(each.status.is_outstanding for each in owed),
            "obligations": dg.MetadataValue.md(obligations_table(owed)),
        }
    )


def _facts(sealed: SealedDelivery) -> dict[str, Any]:
    return {
        "bag_sha256": sealed.bag_sha256,
        "files": len(sealed.files),
        "bytes": sum(file.size for file in sealed.files),
        "received_at": dg.MetadataValue.text(sealed.received_at.isoformat()),
        "snapshot_at": dg.MetadataValue.text(sealed.declaration.snapshot_at.isoformat()),
    }
