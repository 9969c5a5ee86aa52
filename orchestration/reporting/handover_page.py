"""The page of a handover: matrix, findings with remedies, obligations, what changed; Vietnamese first, English beside.

Belongs here: order, words and number formats. What stands on it was judged in ``handover``; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from handover.cells import LEVEL_LABELS, STATUS_LABELS
from handover.findings import Severity, catalogue
from handover.letters import Correspondence
from handover.malware import ScanStatus
from orchestration.reporting.render import environment

TEMPLATE = "handover.html.j2"
SEVERITY_LABELS = {
    Severity.CRITICAL: ("nghiêm trọng", "critical"),
    Severity.MAJOR: ("lớn", "major"),
    Severity.MINOR: ("nhỏ", "minor"),
    Severity.INFO: ("lưu ý", "info"),
}
SCAN_LABELS = {
    ScanStatus.CLEAN: ("không phát hiện", "nothing found"),
    ScanStatus.FOUND: ("phát hiện mã độc", "malware reported"),
    ScanStatus.NOT_ASSESSED: ("chưa đánh giá", "not assessed"),
}
SHOWN = 50
"""Findings of one kind in one cell that are listed; the JSON holds them all."""


def render_handover(assessed: Mapping[str, Any], correspondence: Correspondence) -> str:
    """The page as HTML, of an assessment as JSON; the same assessment gives the same text."""
    return (
        environment()
        .get_template(TEMPLATE)
        .render(
            assessed=assessed,
            components={str(each): label for each, label in correspondence.components.items()},
            deliverables={str(each): label for each, label in correspondence.deliverables.items()},
            cells={(cell["component"], cell["deliverable"]): cell for cell in assessed["cells"]},
            statuses={str(each): label for each, label in STATUS_LABELS.items()},
            levels=LEVEL_LABELS,
            severities={str(each): label for each, label in SEVERITY_LABELS.items()},
            scans={str(each): label for each, label in SCAN_LABELS.items()},
            kinds=catalogue(),
            findings=_by_kind(assessed),
            shown=SHOWN,
        )
    )


def _by_kind(assessed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Findings by component, deliverable and id, the gravest first."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for cell in ({"component": "", "deliverable": "", **assessed}, *assessed["cells"]):
        for finding in cell["findings"]:
            groups.setdefault((cell["component"], cell["deliverable"], finding["id"]), []).append(finding)
    rank = {str(each): position for position, each in enumerate(Severity)}
    found = [
        {"component": component, "deliverable": deliverable, "id": id_, "findings": group}
        for (component, deliverable, id_), group in groups.items()
    ]
    return sorted(found, key=lambda each: rank[each["findings"][0]["severity"]])
