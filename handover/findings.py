"""What an inventory or a comparison has to say about one thing it looked at.

Holds the record only; which findings exist is decided where they are found. A finding carries a file's path
and a sentence, never the file's content and never personal data.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath


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
class Finding:
    """One fault under a quotable id (``HND-<DELIVERABLE>-<NN>``); the path is relative to ``data/``."""

    id: str
    severity: Severity
    path: PurePosixPath
    message: str
