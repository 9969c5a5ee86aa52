"""A document that takes without end is ended and said so; those before and after it are read."""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import docx
import pytest
import typst
import xlsxwriter

from handover.findings import Severity
from handover.inventory import confinement, documents
from handover.inventory.confinement import ConfinedReader, Limits
from handover.inventory.contents import (
    DocumentBeyondLimitsError,
    DocumentFormat,
    DocumentUnreadableError,
)
from handover.inventory.documents import inventory_documents
from handover.sealed import SealedDelivery

Deliver = Callable[[Mapping[str, bytes]], SealedDelivery]
Zipped = Callable[[Mapping[str, bytes]], bytes]
NARROW = Limits(cpu_seconds=2, memory_bytes=512 << 20)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


@pytest.fixture(scope="module")
def reader() -> Iterator[ConfinedReader]:
    with ConfinedReader(NARROW) as reader:
        yield reader


@pytest.fixture(scope="module")
def good() -> bytes:
    return bytes(typst.compile(b"Hello"))


def word(zipped: Zipped, body: bytes, doctype: bytes = b"") -> bytes:
    """A DOCX whose document holds this body."""
    buffer = io.BytesIO()
    docx.Document().save(buffer)
    return replaced(
        buffer.getvalue(),
        zipped,
        "word/document.xml",
        doctype + b'<w:document xmlns:w="%s"><w:body>%s</w:body></w:document>' % (WORD.encode(), body),
    )


def workbook(zipped: Zipped, rows: bytes) -> bytes:
    """An XLSX whose one sheet holds these rows."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        made.add_worksheet("a")
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = b'<worksheet xmlns="%s"><sheetData>%s</sheetData></worksheet>' % (main, rows)
    return replaced(buffer.getvalue(), zipped, "xl/worksheets/sheet1.xml", sheet)


def replaced(packed: bytes, zipped: Zipped, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return zipped({each: archive.read(each) for each in archive.namelist()} | {name: content})


def pdf(objects: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out + b"trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, at))


def stream(content: bytes) -> bytes:
    packed = zlib.compress(content, 9)
    return b"<</Length %d /Filter /FlateDecode>>\nstream\n%s\nendstream" % (len(packed), packed)


def page(parent: int, content: int) -> bytes:
    font = b"/Resources <</Font <</F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>>>"
    return b"<</Type /Page /Parent %d 0 R /MediaBox [0 0 9 9] %s /Contents %d 0 R>>" % (parent, font, content)


def one_page(content: bytes) -> bytes:
    tree = b"<</Type /Pages /Kids [3 0 R] /Count 1>>"
    return pdf([b"<</Type /Catalog /Pages 2 0 R>>", tree, page(2, 4), stream(content)])


def deep_tree(depth: int) -> bytes:
    kids = [b"<</Type /Pages /Kids [%d 0 R] /Count 1>>" % (each + 3) for each in range(depth)]
    return pdf([b"<</Type /Catalog /Pages 2 0 R>>", *kids, page(depth + 1, 1)])


def slow(count: int) -> bytes:
    """Pages that all show the same long content: a few kilobytes that take minutes to read."""
    kids = b" ".join(b"%d 0 R" % (each + 4) for each in range(count))
    tree = b"<</Type /Pages /Kids [%s] /Count %d>>" % (kids, count)
    content = stream(b"BT /F 9 Tf " + b"1 0 0 1 5 5 Tm (a) Tj " * 20_000 + b" ET")
    return pdf([b"<</Type /Catalog /Pages 2 0 R>>", tree, content, *[page(2, 3)] * count])


def test_a_document_that_is_slow_to_read_is_ended_and_the_next_is_read(
    reader: ConfinedReader, good: bytes, tmp_path: Path
) -> None:
    (tmp_path / "slow").write_bytes(slow(300))
    (tmp_path / "good").write_bytes(good)

    with pytest.raises(DocumentBeyondLimitsError, match="within 2 seconds and 512 MiB"):
        reader.read(tmp_path / "slow", ".pdf")

    assert reader.read(tmp_path / "good", ".pdf").text.strip() == "Hello"


@pytest.mark.parametrize(
    "body",
    [
        b"<w:p/>" * 10_000_000,
        b"<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2000000000'/></w:tcPr><w:p/></w:tc></w:tr></w:tbl>",
    ],
    ids=["unpacks to much", "a cell as wide as the world"],
)
def test_a_word_file_that_grows_without_end_is_beyond_the_limits(
    reader: ConfinedReader, zipped: Zipped, tmp_path: Path, body: bytes
) -> None:
    (tmp_path / "x").write_bytes(word(zipped, body))
    with pytest.raises(DocumentBeyondLimitsError):
        reader.read(tmp_path / "x", ".docx")


def test_a_workbook_that_grows_without_end_is_beyond_the_limits(
    reader: ConfinedReader, zipped: Zipped, tmp_path: Path
) -> None:
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    (tmp_path / "x").write_bytes(workbook(zipped, rows))
    with pytest.raises(DocumentBeyondLimitsError):
        reader.read(tmp_path / "x", ".xlsx")


def test_a_zip_bomb_is_not_unpacked(reader: ConfinedReader, zipped: Zipped, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(word(zipped, bytes(300 << 20)))
    with pytest.raises(DocumentUnreadableError, match="unpacks to more"):
        reader.read(tmp_path / "x", ".docx")


def test_entities_that_multiply_are_not_expanded(
    reader: ConfinedReader, zipped: Zipped, tmp_path: Path
) -> None:
    laughs = b"".join(
        b'<!ENTITY l%d "%s">' % (each, b"&l%d;" % (each - 1) * 10 if each else b"ha" * 10)
        for each in range(12)
    )
    body = b"<w:p><w:r><w:t>&l11;</w:t></w:r></w:p>"
    (tmp_path / "x").write_bytes(word(zipped, body, b"<!DOCTYPE x [%s]>" % laughs))
    with contextlib.suppress(DocumentUnreadableError):
        assert len(reader.read(tmp_path / "x", ".docx").text) < 1000


def test_a_flate_bomb_is_beyond_the_limits(reader: ConfinedReader, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(one_page(b" " * (400 << 20)))
    with pytest.raises(DocumentBeyondLimitsError):
        reader.read(tmp_path / "x", ".pdf")


def test_a_later_page_that_can_not_be_read_leaves_the_others(reader: ConfinedReader, tmp_path: Path) -> None:
    kids = b" ".join(b"%d 0 R" % (each + 5) for each in range(7))
    tree = b"<</Type /Pages /Kids [%s] /Count 7>>" % kids
    good, bad = stream(b"BT /F 9 Tf (a) Tj ET"), stream(b" " * (400 << 20))
    pages = [page(2, 3)] * 6 + [page(2, 4)]
    (tmp_path / "x").write_bytes(pdf([b"<</Type /Catalog /Pages 2 0 R>>", tree, good, bad, *pages]))

    found = reader.read(tmp_path / "x", ".pdf")

    assert (found.length, found.text.split(), found.is_whole) == (7, ["a"] * 6, False)


def test_a_page_tree_without_a_bottom_is_unreadable(reader: ConfinedReader, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(deep_tree(20_000))
    with pytest.raises(DocumentUnreadableError):
        reader.read(tmp_path / "x", ".pdf")


def test_a_file_that_is_gone_is_no_fault_of_the_document(reader: ConfinedReader, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        reader.read(tmp_path / "gone", ".pdf")


def test_text_needs_no_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.md").write_text("# Title\n")
    with ConfinedReader() as reader:
        monkeypatch.setattr(reader, "_start", None)
        assert reader.read(tmp_path / "x.md", ".md").format is DocumentFormat.MARKDOWN


def test_a_document_beyond_the_limits_is_a_finding_and_the_others_are_read(
    deliver: Deliver, good: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "ConfinedReader", lambda: ConfinedReader(NARROW))
    folder = "documents/portal"
    found = inventory_documents(
        deliver({f"{folder}/a.pdf": good, f"{folder}/b.pdf": slow(300), f"{folder}/c.pdf": good})
    )

    ids = [[(f.id, f.severity) for f in each.findings if f.id != "HND-DOC-05"] for each in found]
    assert ids == [[], [("HND-DOC-11", Severity.MAJOR)], []]
    assert [each.format for each in found] == [DocumentFormat.PDF, DocumentFormat.UNKNOWN, DocumentFormat.PDF]


def test_a_process_that_does_not_start_is_no_fault_of_the_document(
    good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_bytes(good)
    monkeypatch.setattr(confinement.sys, "executable", shutil.which("false"))
    with ConfinedReader() as reader, pytest.raises(RuntimeError, match="didn't start"):
        reader.read(tmp_path / "x", ".pdf")


def test_many_documents_are_read_by_one_process_that_ends_with_the_reading(
    good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    start = subprocess.Popen

    def counted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(start(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(confinement.subprocess, "Popen", counted)
    (tmp_path / "x").write_bytes(good)
    with ConfinedReader(NARROW) as reader:
        assert len({reader.read(tmp_path / "x", ".pdf") for _ in range(3)}) == 1
        assert [each.poll() for each in started] == [None]
    assert [each.returncode for each in started] == [-9]
