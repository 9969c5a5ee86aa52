"""Documents are opened, measured, and never crash or quote anything."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping
from pathlib import Path

import docx
import pypdf
import pytest
import typst
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handover.findings import Severity
from handover.inventory import formats
from handover.inventory.contents import DocumentFormat, DocumentUnreadableError
from handover.inventory.documents import inventory_documents
from handover.inventory.formats import read_document
from handover.parts import DocumentKind
from handover.sealed import SealedDelivery

Deliver = Callable[..., SealedDelivery]


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return bytes(typst.compile(b'#set document(title: "Design")\nHello\n#pagebreak()\nWorld\n'))


@pytest.fixture(scope="module")
def word() -> bytes:
    document = docx.Document()
    document.core_properties.title = ""
    document.add_paragraph("Installation")
    document.add_paragraph("Unpack it.")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def sheet() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as workbook:
        workbook.add_worksheet("a").write_string(0, 0, "table")
        workbook.add_worksheet("b")
    return buffer.getvalue()


@pytest.fixture
def content_of(pdf: bytes, word: bytes, sheet: bytes) -> dict[str, bytes]:
    scan = io.BytesIO()
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(scan)
    locked = io.BytesIO()
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(locked)
    return {
        "pdf": pdf,
        "docx": word,
        "xlsx": sheet,
        "md": "intro\n\n# Thiết kế hệ thống\n\ntext\n".encode(),
        "txt": b"line\nline\n",
        "html": b"<!DOCTYPE html><title>Guide</title><p>x</p>\n",
        "scan.pdf": scan.getvalue(),
        "locked.pdf": locked.getvalue(),
        "blank.md": b" \n\n",
        "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "utf16.txt": "x".encode("utf-16"),
        "latin.txt": b"caf\xe9",
        "empty.pdf": b"",
    }


@pytest.mark.parametrize(
    ("name", "found", "length", "unit", "title"),
    [
        ("pdf", DocumentFormat.PDF, 2, "page", "Design"),
        ("docx", DocumentFormat.DOCX, 2, "paragraph", "Installation"),
        ("xlsx", DocumentFormat.XLSX, 2, "sheet", None),
        ("md", DocumentFormat.MARKDOWN, 5, "line", "Thiết kế hệ thống"),
        ("txt", DocumentFormat.TEXT, 2, "line", None),
        ("html", DocumentFormat.HTML, 1, "line", "Guide"),
    ],
)
def test_a_document_is_measured_by_its_content(
    tmp_path: Path,
    content_of: dict[str, bytes],
    name: str,
    found: DocumentFormat,
    length: int,
    unit: str,
    title: str | None,
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content_of[name])

    facts = read_document(file, ".md" if name == "md" else "")

    assert (facts.format, facts.length, facts.unit, facts.title) == (found, length, unit, title)
    assert facts.has_text


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("scan.pdf", ("HND-DOC-03", Severity.MAJOR)),
        ("blank.md", ("HND-DOC-03", Severity.MAJOR)),
        ("locked.pdf", ("HND-DOC-10", Severity.CRITICAL)),
        ("latin.txt", ("HND-DOC-01", Severity.CRITICAL)),
        ("doc", ("HND-DOC-06", Severity.MAJOR)),
        ("utf16.txt", ("HND-DOC-06", Severity.MAJOR)),
        ("empty.pdf", ("HND-DOC-02", Severity.MAJOR)),
    ],
)
def test_what_is_wrong_with_a_document_is_found(
    deliver: Deliver, content_of: dict[str, bytes], name: str, finding: tuple[str, Severity]
) -> None:
    (found,) = inventory_documents(deliver({f"documents/portal/{name}": content_of[name]}))

    assert finding in [(each.id, each.severity) for each in found.findings]


def test_a_declared_document_carries_its_kind_and_title(deliver: Deliver) -> None:
    (found,) = inventory_documents(deliver({"documents/support/design.md": b"# T\n\ntext\n"}))

    assert (found.kind, found.declared_title, found.title) == (DocumentKind.DESIGN, "Thiết kế", "T")
    assert found.findings == ()


def test_a_name_that_hides_the_content_is_found(deliver: Deliver, content_of: dict[str, bytes]) -> None:
    (found,) = inventory_documents(deliver({"documents/support/design.md": content_of["pdf"]}))

    assert [(each.id, each.severity) for each in found.findings] == [("HND-DOC-04", Severity.MINOR)]


def test_an_undeclared_document_is_mentioned(deliver: Deliver) -> None:
    (found,) = inventory_documents(deliver({"documents/portal/more.md": b"text\n"}))

    assert (found.kind, [each.id for each in found.findings]) == (None, ["HND-DOC-05"])


def test_a_document_that_the_vault_lost_is_a_finding(deliver: Deliver) -> None:
    delivery = deliver({"documents/support/design.md": b"# T\n"})
    next(each for each in delivery.files if each.path.name == "design.md").location.unlink()

    (found,) = inventory_documents(delivery)

    assert [each.id for each in found.findings] == ["HND-DOC-01"]


@pytest.mark.parametrize("name", ["pdf", "docx"])
def test_a_document_too_large_is_not_opened(
    tmp_path: Path, content_of: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content_of[name])
    monkeypatch.setattr(formats, "MAX_BYTES", 1000)

    with pytest.raises(DocumentUnreadableError, match="larger than 1000"):
        read_document(file, "")


def test_an_office_file_that_unpacks_to_too_much_is_not_opened(
    tmp_path: Path, zipped: Callable[[Mapping[str, bytes]], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(zipped({"word/document.xml": bytes(1 << 20)}))
    monkeypatch.setattr(formats, "MAX_BYTES", 1 << 19)

    with pytest.raises(DocumentUnreadableError, match="unpacks to more"):
        read_document(file, "")


@given(data=st.data())
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_damage_ever_crashes_the_inventory(
    tmp_path: Path, content_of: dict[str, bytes], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(["pdf", "docx", "xlsx", "md", "html"]))
    whole = bytearray(content_of[name])
    for _ in range(data.draw(st.integers(1, 10))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path / "x"
    file.write_bytes(whole[: data.draw(st.integers(1, len(whole)))])
    with contextlib.suppress(DocumentUnreadableError):
        read_document(file, f".{name}")


GUIDE = {
    "vi": "Chọn từ ngày, đến ngày rồi bấm Xem. Bảng hiện số mũi tiêm của từng tỉnh trong từng ngày, theo cơ sở tiêm.",
    "en": "Choose the first and the last day and press View. The table shows the doses of each province for that day.",
}


@pytest.mark.parametrize(("language", "ids"), [("vi", []), ("en", ["HND-DOC-12"])])
def test_a_user_guide_without_vietnamese_is_found(
    deliver: Deliver, declaration: str, language: str, ids: list[str]
) -> None:
    text = declaration.replace("kind: design", "kind: user_guide")
    (found,) = inventory_documents(deliver({"documents/support/design.md": GUIDE[language].encode()}, text))

    assert found.language == language
    assert [each.id for each in found.findings] == ids
    assert all(each.evidence == f"language {language}" for each in found.findings)


def test_a_design_may_be_in_english(deliver: Deliver) -> None:
    (found,) = inventory_documents(deliver({"documents/support/design.md": GUIDE["en"].encode()}))

    assert (found.language, found.findings) == ("en", ())


def test_text_has_headings_rows_and_sheets_as_lines(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("mui_tiem", 1)
    document.add_paragraph("Mũi tiêm")
    for cell, text in zip(document.add_table(rows=1, cols=2).rows[0].cells, ("id", "bigint"), strict=True):
        cell.text = text
    document.save(str(tmp_path / "a.docx"))
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        workbook.add_worksheet("mui_tiem").write_row(0, 0, ["id", "bigint"])
    (tmp_path / "a.html").write_text("<html><style>x</style><h1>a &amp; b</h1><script>y</html>")

    texts = {each.name: read_document(each, "").text for each in tmp_path.iterdir()}

    assert texts["a.docx"] == "# mui_tiem\nMũi tiêm\nid\tbigint"
    assert texts["a.xlsx"] == "# mui_tiem\nid\tbigint"
    assert texts["a.html"].split() == ["a", "&", "b"]


def test_a_text_longer_than_is_kept_is_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("ab\n" * 10)
    monkeypatch.setattr(formats, "TEXT_KEPT", 6)

    facts = read_document(tmp_path / "a.txt", "")

    assert (facts.text, facts.is_whole, facts.length) == ("ab\nab\n", False, 10)
