"""What opening a document gives: its format, facts and text, or the way in which it can't be opened.

Words and records only; opening is the business of ``formats``, within limits of ``confinement``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

TEXT_KEPT = 1 << 21
"""Characters kept of a document's text."""

TITLE_LENGTH = 200
"""Characters kept of a title."""


class DocumentUnreadableError(ValueError):
    """The document is broken, encrypted or too large to open."""


class DocumentEncryptedError(DocumentUnreadableError):
    """The document opens with a password only."""


class DocumentBeyondLimitsError(DocumentUnreadableError):
    """Reading the document would take more time or memory than a document is given."""


class DocumentFormat(StrEnum):
    """What a document is by its content."""

    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    MARKDOWN = "markdown"
    HTML = "html"
    TEXT = "text"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Facts:
    """What a document's content says; ``unit`` names what ``length`` counts, ``media_type`` an unknown format.

    ``text`` has a line per paragraph or row, tabs between cells, and ``# `` before headings and names of sheets;
    it is the beginning only, unless ``is_whole``.
    """

    format: DocumentFormat
    length: int | None
    unit: str | None
    has_text: bool
    title: str | None
    media_type: str | None = None
    text: str = ""
    is_whole: bool = True


def beginning_of(lines: Iterable[str]) -> tuple[str, bool]:
    """The lines as one text of at most ``TEXT_KEPT`` characters, and whether that is all of them."""
    kept: list[str] = []
    length = 0
    for line in lines:
        if length + len(line) >= TEXT_KEPT:
            return "\n".join(kept), False
        kept.append(line)
        length += len(line) + 1
    return "\n".join(kept), True


def title_of(text: str | None) -> str | None:
    """One line that may be shown, or None where there is nothing in it."""
    if not isinstance(text, str):
        return None
    return " ".join(text.encode("utf-8", "replace").decode().split())[:TITLE_LENGTH] or None
