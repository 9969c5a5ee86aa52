"""The auditor's pages of the latest report, in a folder of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

from handover.vault import SealedDelivery
from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.lineage.rows import FACT_TABLE, read_rows
from orchestration.reporting.figures import read_figures
from orchestration.reporting.files import replace_file
from orchestration.reporting.seal import LATEST, SealedReport, pointed_to, read_report
from orchestration.reporting.site import Package, Sources, render_site
from orchestration.stages.tracing import trace_of
from orchestration.warehouse.project import compiled_manifest

SAMPLE = 5


def publish_site(installation: Installation, folder: Path | None = None) -> Path:
    """Write the pages of the latest report, its sealed files beside them; returns the first page.

    Raises :class:`UsageError` where the warehouse no longer holds the rows the report was made of.
    """
    report = read_report(pointed_to(installation.settings.reports, LATEST))
    _refuse_other_rows(installation, report)
    traces = {each["id"]: trace_of(installation, each["id"], SAMPLE) for each in report.figures}
    packages = [installation.vault.delivery(each["id"]) for each in report.statement["deliveries"]]
    pages = render_site(Sources(report.statement, report.seal, traces, [_package(each) for each in packages]))
    place = folder or installation.settings.home / "sites" / report.name
    place.mkdir(parents=True, exist_ok=True)
    for name, content in pages.items():
        replace_file(place / name, content)
    for path in report.folder.iterdir():
        shutil.copyfile(path, place / path.name)
    return place / "index.html"


def _refuse_other_rows(installation: Installation, report: SealedReport) -> None:
    figures = read_figures(compiled_manifest(installation.dbt_target))
    with installation.warehouse.connect() as connection:
        digests = {each.id: read_rows(connection, FACT_TABLE, each.column, 0).digest for each in figures}
    other = [each["id"] for each in report.figures if digests.get(each["id"]) != each["digest"]]
    if other:
        raise UsageError(
            f"The warehouse no longer holds the rows of the report {report.name} ({', '.join(other[:3])} …); "
            f"see `tiemchung report verify`. Its files stay in {report.folder}."
        )


def _package(sealed: SealedDelivery) -> Package:
    files = [(f"data/{each.path}", each.sha256, each.size) for each in sealed.files]
    return Package(
        id=sealed.id,
        kind=str(sealed.kind),
        bag_sha256=sealed.bag_sha256,
        snapshot_at=sealed.snapshot_at.isoformat(),
        received_at=sealed.received_at.isoformat(),
        files=files,
    )
