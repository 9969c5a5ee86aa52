"""Tables as a spreadsheet (XLSX): text is text and numbers are numbers, whatever a cell begins with.

Belongs here: the file's form. The same sheets give the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import xlsxwriter

Value = str | int | None
_MADE_AT = datetime(2022, 4, 8, tzinfo=UTC).replace(tzinfo=None)
"""A fixed time of creation: when a file was written is no part of what it says."""
_WIDEST = 60


@dataclass(frozen=True)
class Sheet:
    """One sheet: its short name (at most 31 characters), a title above the table, headings and rows."""

    name: str
    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[Value]]


def workbook(sheets: Iterable[Sheet], title: str) -> bytes:
    """The file's bytes."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": title, "created": _MADE_AT})
        formats = {
            "title": book.add_format({"bold": True, "font_size": 13}),
            "heading": book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"}),
            "number": book.add_format({"num_format": "#,##0"}),
        }
        for each in sheets:
            _write(book.add_worksheet(each.name), each, formats)
    return buffer.getvalue()


def _write(sheet: xlsxwriter.worksheet.Worksheet, content: Sheet, formats: dict[str, object]) -> None:
    sheet.write_string(0, 0, content.title, formats["title"])
    for column, heading in enumerate(content.headings):
        sheet.write_string(2, column, heading, formats["heading"])
        longest = max((len(str(row[column])) for row in content.rows), default=0)
        sheet.set_column(column, column, min(_WIDEST, max(12, longest + 2)))
    for line, row in enumerate(content.rows, start=3):
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, column, value, formats["number"])
            elif value is not None:
                sheet.write_string(line, column, value)
    sheet.freeze_panes(3, 1)
