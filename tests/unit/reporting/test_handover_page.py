"""The page of a handover: everything assessed stands on it, and nothing that came with a package acts in it."""

from datetime import date
from typing import Any

import pytest

from handover.completeness import assess
from handover.obligations import load_correspondence
from orchestration.reporting.handover_page import SHOWN, render_handover

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def assessed() -> dict[str, Any]:
    return assess(None, (), (), (), (), load_correspondence(), date(2022, 4, 8)).as_json()


def test_without_a_delivery_the_page_shows_what_is_owed(assessed: dict[str, Any]) -> None:
    page = render_handover(assessed, load_correspondence())
    assert page.count('data-label="') == 16
    assert "quá hạn 8 ngày" in page
    assert "<script" not in page
    assert 'id="changes"' not in page


def test_names_from_a_package_stay_text(assessed: dict[str, Any]) -> None:
    finding = {
        "id": "HND-SRC-02",
        "severity": "minor",
        "path": HOSTILE,
        "message": HOSTILE,
        "evidence": HOSTILE,
    }
    assessed["cells"][0]["findings"] = [finding] * (SHOWN + 3)
    change = {
        "component": "portal",
        "deliverable": "source",
        "added": [HOSTILE],
        "removed": [],
        "changed": [],
    }
    assessed |= {"previous": HOSTILE, "changes": [change | {"tables": []}]}
    page = render_handover(assessed, load_correspondence())
    assert "<script" not in page
    assert "3 nữa" in page
