"""Names in running text, headings and tables are told from domains, sentences and placeholders."""

from __future__ import annotations

import time

import pytest

from handover.inventory.mentions import MAX_NAMES, mentions_of
from handover.parts import DocumentKind


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("Xem thiet-ke.pdf.", {"thiet-ke.pdf"}),
        ('[guide](docs/Hướng-dẫn.docx), `a.xlsx`; "b.md"', {"Hướng-dẫn.docx", "a.xlsx", "b.md"}),
        (r"C:\docs\a.doc", {"a.doc"}),
        ("see a%20b.pdf", {"a b.pdf"}),
        ("https://example.invalid/a.pdf", set()),
        ("any *.pdf, bao-cao-<ngày>.xlsx, {name}.docx, $X.md, .md", set()),
        ("pdf and xlsx files, v1.2, a.pdfx, a.java", set()),
        ("x" * 200 + ".pdf", set()),
    ],
)
def test_files_are_named(text: str, files: set[str]) -> None:
    assert set(mentions_of(text, None).files) == files


@pytest.mark.parametrize(
    ("text", "tables", "entries"),
    [
        ("tiemchung.Doi_Tuong\tĐối tượng\tid", {"tiemchung.doi_tuong", "id"}, {"tiemchung.doi_tuong"}),
        ("| `tiemchung.tinh` | Tỉnh |", {"tiemchung.tinh"}, {"tiemchung.tinh"}),
        ("## 3.1. Bảng mui_tiem – Mũi tiêm", {"mui_tiem"}, {"mui_tiem"}),
        ("# mui_tiem", {"mui_tiem"}, {"mui_tiem"}),
        ("mui_tiem", {"mui_tiem"}, set()),
        ("Đọc từ so.chung_nhan.ma_qr.", {"so.chung_nhan"}, set()),
        ("# Overview", {"overview"}, set()),
        ("Đọc https://tiemchung.vncdc.gov.vn a@so.vn, x/so.tinh so.tinh()", set(), set()),
        ("tiemchung.vn", {"tiemchung.vn"}, set()),
        ("so.v_bao_cao\nso.tinh_seq", {"so.v_bao_cao", "so.tinh_seq"}, set()),
        ("Đối tượng", set(), set()),
    ],
)
def test_tables_are_named(text: str, tables: set[str], entries: set[str]) -> None:
    found = mentions_of(text, DocumentKind.DATABASE_DICTIONARY)
    assert (found.tables, found.entries) == (tables, entries)


@pytest.mark.parametrize(
    ("text", "endpoints"),
    [
        ("| GET | /api/a/{id}/b?x= | nghĩa |", ("/api/a/{id}/b",)),
        ("Gọi `POST /api/a`. DELETE\t/api/b/:id.", ("/api/a", "/api/b/:id")),
        ("GET https://example.invalid/api/a, budget /a, /api/b", ()),
    ],
)
def test_endpoints_are_named(text: str, endpoints: tuple[str, ...]) -> None:
    assert mentions_of(text, DocumentKind.API).endpoints == endpoints


@pytest.mark.parametrize(
    "piece", ["a", "a.", "#", " ", "/", "GET /", "a$", "`1.", "a_", ".pdf", "x.pdf ", "GET\n", "<"]
)
def test_time_grows_with_the_text_only(piece: str) -> None:
    text = piece * (500_000 // len(piece))
    start = time.process_time()
    found = [mentions_of(text, kind) for kind in (DocumentKind.API, DocumentKind.DATABASE_DICTIONARY)]
    assert time.process_time() - start < 10
    assert all(len(each.files) <= MAX_NAMES for each in found)


def test_of_other_documents_only_files_are_kept() -> None:
    found = mentions_of("so.tinh\nGET /api/a\na.pdf", DocumentKind.USER_GUIDE)
    assert (found.files, found.tables, found.entries, found.endpoints) == (
        ("a.pdf",),
        frozenset(),
        frozenset(),
        (),
    )
