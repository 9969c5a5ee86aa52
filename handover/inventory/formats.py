"""Open a document and take its facts: format, length, title, text. One reader per format.

Formats are told by content (the library ``puremagic`` names what we have no reader for). Every way in which a
file can be broken ends in :class:`DocumentUnreadableError`, whose message never quotes the document. How long a
reader may take and how much memory it gets is the business of ``confinement``.
"""

from __future__ import annotations

import html
import re
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docx
import puremagic
import pypdf
import python_calamine
from docx.opc.exceptions import OpcError
from docx.table import Table
from docx.text.paragraph import Paragraph
from pypdf.errors import LimitReachedError, PyPdfError

from handover.inventory.archives import ArchiveUnreadableError, check_zip, zip_members
from handover.inventory.contents import (
    TEXT_KEPT,
    DocumentBeyondLimitsError,
    DocumentEncryptedError,
    DocumentFormat,
    DocumentUnreadableError,
    Facts,
    beginning_of,
    title_of,
)

MAX_BYTES = 256 << 20
"""Largest document that is opened, packed or unpacked."""

PAGES_READ = 300
"""Pages of a PDF whose text is read."""

PAGES_SOUND = 5
"""Pages of a PDF that must be readable for it to count as read."""

_HEADING = re.compile(r"^#{1,2}[ \t]+(\S.*)$", re.MULTILINE)
_HTML_HIDDEN = re.compile(r"<(script|style)\b.*?(?:</\1>|\Z)|<[^<>]*>", re.IGNORECASE | re.DOTALL)
_HTML_TITLE = re.compile(r"<title>([^<]+)</title>", re.IGNORECASE)
_XML_NO_MEMORY = 2
"""libxml2's ``XML_ERR_NO_MEMORY``, which lxml raises as a fault of the text."""

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
)


def is_layered(location: Path) -> bool:
    """Whether the file is a PDF or a zip: what is inside can be far larger and deeper than the file. Raises OSError."""
    with location.open("rb") as file:
        head = file.read(1024)
    return b"%PDF-" in head or head.startswith(b"PK\x03\x04")


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
    except (MemoryError, LimitReachedError) as error:
        raise DocumentBeyondLimitsError("unpacks to more than a document is given memory for") from error
    except ArchiveUnreadableError as error:
        raise DocumentUnreadableError(str(error)) from error
    except _BROKEN as error:
        if getattr(error, "code", None) == _XML_NO_MEMORY:
            raise DocumentBeyondLimitsError("unpacks to more than a document is given memory for") from error
        raise DocumentUnreadableError(f"can't be read to its end ({type(error).__name__})") from error


def _pdf(location: Path) -> Facts:
    reader = pypdf.PdfReader(location)
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentEncryptedError("is encrypted: ask the vendor for one that opens without a password")
    count = len(reader.pages)
    pages = list(_pages(reader, min(count, PAGES_READ)))
    text, is_whole = beginning_of(page for page in pages if page is not None)
    title = reader.metadata.title if reader.metadata else None
    return Facts(
        DocumentFormat.PDF,
        count,
        "page",
        bool(text.strip()),
        title_of(title),
        text=text,
        is_whole=is_whole and count <= PAGES_READ and None not in pages,
    )


def _pages(reader: pypdf.PdfReader, count: int) -> Iterator[str | None]:
    """The texts of the first pages; None for a later one that can't be read, where the first ones could."""
    for page in range(count):
        try:
            yield reader.pages[page].extract_text()
        except _BROKEN:
            if page < PAGES_SOUND:
                raise
            yield None


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
    text, is_whole = beginning_of(
        line for each in document.iter_inner_content() for line in _docx_lines(each)
    )
    heading = next((each.text for each in paragraphs if each.text.strip()), None)
    return Facts(
        DocumentFormat.DOCX,
        len(paragraphs),
        "paragraph",
        bool(text.strip("# \t\n")),
        title_of(document.core_properties.title or heading),
        text=text,
        is_whole=is_whole,
    )


def _docx_lines(block: Paragraph | Table) -> Iterator[str]:
    if isinstance(block, Table):
        for row in block.rows:
            yield "\t".join(cell.text for cell in row.cells)
    else:
        style = block.style.name if block.style else None
        yield f"# {block.text}" if style and style.startswith(("Heading", "Title")) else block.text


def _xlsx(location: Path) -> Facts:
    with location.open("rb") as file:
        workbook = python_calamine.CalamineWorkbook.from_filelike(file)
        names = workbook.sheet_names
        has_text = False
        lines: list[str] = []
        for name in names:
            lines.append(f"# {name}")
            for row in workbook.get_sheet_by_name(name).iter_rows():
                if any(row):
                    has_text = True
                    lines.append("\t".join(str(cell) for cell in row))
        text, is_whole = beginning_of(lines)
    return Facts(DocumentFormat.XLSX, len(names), "sheet", has_text, None, text=text, is_whole=is_whole)


def _text(location: Path, suffix: str) -> Facts:
    try:
        text = location.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentUnreadableError("is text, but not UTF-8 (TCVN 6909:2001 asks for Unicode)") from error
    found, title, kept = DocumentFormat.TEXT, None, text[:TEXT_KEPT]
    if suffix in (".md", ".markdown"):
        found, title = DocumentFormat.MARKDOWN, _HEADING.search(text)
    elif re.match(r"\s*(<!doctype html|<html)", text, re.IGNORECASE):
        found, title = DocumentFormat.HTML, _HTML_TITLE.search(text)
        kept = html.unescape(_HTML_HIDDEN.sub("\n", kept))
    return Facts(
        found,
        len(text.splitlines()),
        "line",
        bool(text.strip()),
        title_of(title[1].rstrip("# \t") if title else None),
        text=kept,
        is_whole=len(text) <= TEXT_KEPT,
    )
