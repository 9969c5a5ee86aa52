"""The auditor's pages of the latest report, in a folder of their own."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handover.letters import Correspondence
from handover.obligations import load_correspondence
from handover.sealed import SealedDelivery
from handover.transmittal import letters_json, transmittal_of
from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.reporting.files import replace_file
from orchestration.reporting.seal import LATEST, SealedReport, pointed_to, read_report
from orchestration.reporting.site import Package, Sources, render_site
from orchestration.stages.tracing import traces_of

SAMPLE = 5


def publish_site(installation: Installation, folder: Path | None = None) -> Path:
    """Write the pages of the latest report, its sealed files beside them; returns the first page.

    Raises :class:`UsageError` where the warehouse no longer holds the rows the report was made of.
    """
    report = read_report(pointed_to(installation.settings.reports, LATEST))
    traces = traces_of(installation, SAMPLE)
    _refuse_other_rows(report, traces)
    letters = load_correspondence()
    packages = [
        _package(installation.vault.delivery(each["id"]), letters) for each in report.statement["deliveries"]
    ]
    pages = render_site(Sources(report.statement, report.seal, traces, packages, letters_json(letters)))
    place = folder or site_of(installation, report)
    place.mkdir(parents=True, exist_ok=True)
    for name, content in pages.items():
        replace_file(place / name, content)
    for path in report.folder.iterdir():
        shutil.copyfile(path, place / path.name)
    return place / "index.html"


def site_of(installation: Installation, report: SealedReport) -> Path:
    """The folder of a report's pages."""
    return installation.settings.home / "sites" / report.name


def _refuse_other_rows(report: SealedReport, traces: Mapping[str, Mapping[str, Any]]) -> None:
    other = [
        each["id"]
        for each in report.figures
        if each["id"] not in traces or traces[each["id"]]["rows"]["digest"] != each["digest"]
    ]
    if other:
        raise UsageError(
            f"The rows kept for readers are not those of the report {report.name} ({', '.join(other[:3])} …); "
            f"see `tiemchung report verify`. Its files stay in {report.folder}."
        )


def _package(sealed: SealedDelivery, letters: Correspondence) -> Package:
    files = [(f"data/{each.path}", each.sha256, each.size) for each in sealed.files]
    return Package(
        id=sealed.id,
        kind=str(sealed.kind),
        bag_sha256=sealed.bag_sha256,
        snapshot_at=sealed.snapshot_at.isoformat(),
        received_at=sealed.received_at.isoformat(),
        files=files,
        letter=transmittal_of(sealed, letters).as_json(),
    )
