"""Write a document as PDF, DOCX, XLSX or Markdown, with the same bytes every time.

One writer per format; what a document says is the business of ``documents``.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import PurePosixPath

import docx
import typst
import xlsxwriter

from handover.synthetic.material.documents import Document, Table
from handover.synthetic.material.packing import zipped
from handover.synthetic.material.products import PACKED_AT
from handover.synthetic.material.templates import data_text

AUTHOR = "Nhóm phát triển"
"""Who is said to have written the documents."""

_DAY = PACKED_AT.replace(tzinfo=None)  # Office files know no time zone


def written(document: Document) -> bytes:
    """The document's file, in the format that its name ends in."""
    return _WRITERS[PurePosixPath(document.file).suffix](document)


def _pdf(document: Document) -> bytes:
    content = asdict(document) | {"year": _DAY.year, "month": _DAY.month, "day": _DAY.day}
    packed: bytes = typst.compile(
        data_text("documents/document.typ").encode(),
        sys_inputs={"document": json.dumps(content)},
        ignore_system_fonts=True,
    )
    return packed


def _docx(document: Document) -> bytes:
    file = docx.Document()
    properties = file.core_properties
    properties.title, properties.author, properties.last_modified_by = document.title, AUTHOR, AUTHOR
    properties.created = properties.modified = _DAY
    properties.comments, properties.language = "", "vi-VN"
    file.add_heading(document.title, 0)
    file.add_paragraph(document.preamble)
    for section in document.sections:
        file.add_heading(section.heading, 1)
        for each in section.paragraphs:
            file.add_paragraph(each)
        if section.table:
            grid = file.add_table(rows=0, cols=len(section.table.header), style="Table Grid")
            for row in (section.table.header, *section.table.rows):
                for cell, text in zip(grid.add_row().cells, row, strict=True):
                    cell.text = text
    buffer = io.BytesIO()
    file.save(buffer)
    with zipfile.ZipFile(buffer) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped(members, first=["[Content_Types].xml"])


def _xlsx(document: Document) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.set_properties({"title": document.title, "author": AUTHOR, "created": _DAY})
        bold = workbook.add_format({"bold": True})
        for index, section in enumerate(document.sections):
            sheet = workbook.add_worksheet(section.heading)
            heads = [document.title, document.preamble] if index == 0 else section.paragraphs
            rows = (section.table.header, *section.table.rows) if section.table else ()
            for number, text in enumerate(heads):
                sheet.write_string(number, 0, text, bold)
            for number, row in enumerate(rows, start=len(heads) + 1):
                for column, text in enumerate(row):
                    sheet.write_string(number, column, text)
            sheet.set_column(0, 3, 28)
    return buffer.getvalue()


def _markdown(document: Document) -> bytes:
    parts = [f"# {document.title}", document.preamble]
    for section in document.sections:
        parts += [f"## {section.heading}", *section.paragraphs]
        if section.table:
            parts.append(_markdown_table(section.table))
    return ("\n\n".join(parts) + "\n").encode()


def _markdown_table(table: Table) -> str:
    rows = [table.header, tuple("---" for _ in table.header), *table.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


_WRITERS: Mapping[str, Callable[[Document], bytes]] = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".xlsx": _xlsx,
    ".md": _markdown,
}
