"""Open a document and take its facts: format, length, text or not, title. One reader per format.

Formats are told by content (the library ``puremagic`` names what we have no reader for). Every way in which a
file can be broken ends in :class:`DocumentUnreadableError`, whose message never quotes the document.
"""

from __future__ import annotations

import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import docx
import puremagic
import pypdf
import python_calamine
from docx.opc.exceptions import OpcError
from pypdf.errors import PyPdfError

from handover.inventory.archives import ArchiveUnreadableError, check_zip, zip_members

MAX_BYTES = 256 << 20
"""Largest document that is opened, packed or unpacked."""

PAGES_READ = 5
"""Pages of a PDF in which text is looked for."""

TITLE_LENGTH = 200
"""Characters kept of a title."""

_HEADING = re.compile(r"^#{1,2}[ \t]+(\S.*?)[ \t#]*$", re.MULTILINE)
_HTML_TITLE = re.compile(r"<title>([^<]+)</title>", re.IGNORECASE)
_BROKEN = (
    PyPdfError,
    OpcError,
    SyntaxError,  # lxml, of XML that is none
    python_calamine.CalamineError,
    zlib.error,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RuntimeError,
    MemoryError,
)


class DocumentUnreadableError(ValueError):
    """The document is broken, encrypted or too large to open."""


class DocumentEncryptedError(DocumentUnreadableError):
    """The document opens with a password only."""


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
    """What a document's content says; ``unit`` names what ``length`` counts, ``media_type`` an unknown format."""

    format: DocumentFormat
    length: int | None
    unit: str | None
    has_text: bool
    title: str | None
    media_type: str | None = None


def read_document(location: Path, suffix: str) -> Facts:
    """The facts of one document; the suffix only tells Markdown from plain text.

    Raises OSError when the file can't be opened, :class:`DocumentUnreadableError` when it can't be understood.
    """
    if location.stat().st_size > MAX_BYTES:
        raise DocumentUnreadableError(f"is larger than {MAX_BYTES} bytes")
    with location.open("rb") as file:
        head = file.read(8192)
    with _readable():
        if b"%PDF-" in head[:1024]:
            return _pdf(location)
        if head.startswith(b"PK\x03\x04"):
            return _office(location)
        if b"\0" not in head:
            return _text(location, suffix)
    return _unknown(head)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except DocumentUnreadableError:
        raise
    except ArchiveUnreadableError as error:
        raise DocumentUnreadableError(str(error)) from error
    except _BROKEN as error:
        raise DocumentUnreadableError(f"can't be read to its end ({type(error).__name__})") from error


def _pdf(location: Path) -> Facts:
    reader = pypdf.PdfReader(location)
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentEncryptedError("is encrypted: ask the vendor for one that opens without a password")
    count = len(reader.pages)
    has_text = any(reader.pages[page].extract_text().strip() for page in range(min(count, PAGES_READ)))
    title = reader.metadata.title if reader.metadata else None
    return Facts(DocumentFormat.PDF, count, "page", has_text, _title(title))


def _office(location: Path) -> Facts:
    members = zip_members(location)
    check_zip(location, MAX_BYTES)
    if "word/document.xml" in members:
        return _docx(location)
    if "xl/workbook.xml" in members:
        return _xlsx(location)
    return _unknown(b"PK\x03\x04")


def _unknown(head: bytes) -> Facts:
    try:
        media_type = puremagic.from_string(head, mime=True) or None
    except (puremagic.PureError, ValueError):
        media_type = None
    return Facts(DocumentFormat.UNKNOWN, None, None, has_text=False, title=None, media_type=media_type)


def _docx(location: Path) -> Facts:
    document = docx.Document(str(location))
    paragraphs = document.paragraphs
    cells = (cell.text for table in document.tables for row in table.rows for cell in row.cells)
    has_text = any(each.text.strip() for each in paragraphs) or any(text.strip() for text in cells)
    heading = next((each.text for each in paragraphs if each.text.strip()), None)
    return Facts(
        DocumentFormat.DOCX,
        len(paragraphs),
        "paragraph",
        has_text,
        _title(document.core_properties.title or heading),
    )


def _xlsx(location: Path) -> Facts:
    with location.open("rb") as file:
        workbook = python_calamine.CalamineWorkbook.from_filelike(file)
        names = workbook.sheet_names
        has_text = any(any(row) for name in names for row in workbook.get_sheet_by_name(name).iter_rows())
    return Facts(DocumentFormat.XLSX, len(names), "sheet", has_text, None)


def _text(location: Path, suffix: str) -> Facts:
    try:
        text = location.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentUnreadableError("is text, but not UTF-8 (TCVN 6909:2001 asks for Unicode)") from error
    found = DocumentFormat.TEXT
    title = None
    if suffix in (".md", ".markdown"):
        found, title = DocumentFormat.MARKDOWN, _HEADING.search(text)
    elif re.match(r"\s*(<!doctype html|<html)", text, re.IGNORECASE):
        found, title = DocumentFormat.HTML, _HTML_TITLE.search(text)
    lines = len(text.splitlines())
    return Facts(found, lines, "line", bool(text.strip()), _title(title[1] if title else None))


def _title(text: str | None) -> str | None:
    return (" ".join(text.split())[:TITLE_LENGTH] or None) if isinstance(text, str) else None
