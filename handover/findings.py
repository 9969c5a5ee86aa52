"""What an inventory or a comparison has to say about one thing it looked at, and the catalogue of what can be said.

The catalogue (``catalogue/*.yml``, a file per deliverable) holds for each id its severity, what is checked, why, and
the remedy. A finding carries a file's path and a sentence, never the file's content and never personal data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePosixPath

from handover.fields import Fields, parse_yaml

CATALOGUE = Path(__file__).parent / "catalogue"


class Severity(StrEnum):
    """How much a finding weighs: with a critical or major one, a cell isn't received in full."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    INFO = "info"

    @property
    def spoils(self) -> bool:
        """Whether a cell with such a finding can't be called received."""
        return self in (Severity.CRITICAL, Severity.MAJOR)


@dataclass(frozen=True)
class FindingKind:
    """One id of the catalogue (``HND-<DELIVERABLE>-<NN>``): what it is called, what is checked, why, the remedy."""

    id: str
    severity: Severity
    vi: str
    en: str
    checks: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Finding:
    """One fault under a quotable id; the path is relative to ``data/``. ``evidence`` is what an engineer looks at
    next (a line number, a digest, a count), never content."""

    id: str
    severity: Severity
    path: PurePosixPath
    message: str
    evidence: str = ""

    def as_json(self) -> dict[str, str]:
        """The finding for machines."""
        return {
            "id": self.id,
            "severity": str(self.severity),
            "path": str(self.path),
            "message": self.message,
            "evidence": self.evidence,
        }


def finding(finding_id: str, path: PurePosixPath, message: str, evidence: str = "") -> Finding:
    """A finding of a kind in the catalogue, with the severity it has there. Raises KeyError for any other id."""
    return Finding(finding_id, catalogue()[finding_id].severity, path, message, evidence)


@cache
def catalogue() -> Mapping[str, FindingKind]:
    """Every kind of finding by id. Raises ValueError where a file of the catalogue is faulty."""
    faults: list[str] = []
    kinds: dict[str, FindingKind] = {}
    for file in sorted(CATALOGUE.glob("*.yml")):
        fields = Fields.of({"kinds": parse_yaml(file.read_bytes())}, faults)
        for key, kind in fields.named_children("kinds"):
            if key in kinds:
                kind.note("id", f"{key} stands twice")
            kinds[key] = FindingKind(
                key,
                kind.choice("severity", Severity),
                *(kind.text(name) for name in ("vi", "en", "checks", "why", "remedy")),
            )
            kind.refuse_unknown()
    if faults:
        raise ValueError("The catalogue of findings is faulty: " + "; ".join(faults))
    return kinds
