"""Dictionary and dump side by side: each difference planted and found, nothing said where nothing can be compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath

import pytest

from handover.inventory.contents import DocumentFormat
from handover.inventory.database import Database
from handover.inventory.dictionaries import against_dump
from handover.inventory.documents import Document
from handover.inventory.mentions import mentions_of
from handover.parts import Component, DocumentKind

TABLES = ("so.chung_nhan", "so.tinh", "so.huyen")
DUMP = Database(
    Component.HEALTH_BOOK, PurePosixPath("database/d.dump"), "14.2", dict.fromkeys(TABLES, 1), {}, {}, ()
)
DICTIONARY = Document(
    component=Component.HEALTH_BOOK,
    path=PurePosixPath("documents/health_book/d.md"),
    kind=DocumentKind.DATABASE_DICTIONARY,
    declared_title=None,
    format=DocumentFormat.MARKDOWN,
    length=1,
    unit="line",
    has_text=True,
    title=None,
    size=1,
    findings=(),
    is_whole=True,
)


def dictionary(text: str) -> Document:
    return replace(DICTIONARY, mentions=mentions_of(text, DocumentKind.DATABASE_DICTIONARY))


def found(*documents: Document, dump: Database = DUMP) -> list[tuple[str, str]] | None:
    findings = against_dump(documents, dump)
    return None if findings is None else [(each.id, each.message) for each in findings]


@pytest.mark.parametrize(
    "text",
    [
        "| so.chung_nhan | x |\n| so.tinh | y |\n| so.huyen | z |",
        "# chung_nhan\n\n# tinh\n\n# Bảng huyen",
        "Bảng Ý nghĩa\nSO.CHUNG_NHAN Chứng nhận\nSO.TINH Tỉnh\nSO.HUYEN Huyện",
        "so.chung_nhan\nso.tinh\nso.huyen\n\nso.vn and the view so.v_all; see so.nhat_ky",
    ],
)
def test_a_dictionary_of_all_tables_agrees(text: str) -> None:
    assert found(dictionary(text)) == []


def test_two_dictionaries_count_together() -> None:
    assert found(dictionary("so.chung_nhan"), dictionary("so.tinh\nso.huyen")) == []


def test_a_table_that_no_dictionary_describes() -> None:
    message = "doesn't describe so.huyen, which the dump holds"
    assert found(dictionary("so.chung_nhan\nso.tinh")) == [("HND-DOC-14", message)]


@pytest.mark.parametrize("text", ["so.tinh", "Tài liệu không nêu bảng nào"])
def test_a_dictionary_of_few_tables_is_one_finding(text: str) -> None:
    assert found(dictionary(text)) == [
        ("HND-DOC-15", "describes fewer than half of the tables that the dump holds")
    ]


@pytest.mark.parametrize("entry", ["| so.nhat_ky | Nhật ký |", "# nhat_ky"])
def test_a_described_table_that_the_dump_lacks(entry: str) -> None:
    text = "# chung_nhan\n| so.chung_nhan |\n| so.tinh |\n| so.huyen |\n"
    name = "so.nhat_ky" if "so." in entry else "nhat_ky"
    assert found(dictionary(text + entry)) == [("HND-DOC-16", f"describes {name}, which the dump lacks")]


def test_another_schema_and_headings_that_are_no_tables_are_not_lacking() -> None:
    text = "so.chung_nhan\nso.tinh\nso.huyen\n| tiemchung.mui_tiem |\n# quy_uoc_chung\n"
    assert found(dictionary(text)) == []


@pytest.mark.parametrize(
    "documents",
    [(), (replace(DICTIONARY, has_text=False),), (replace(DICTIONARY, is_whole=False),)],
    ids=["none", "a scan", "cut off"],
)
def test_without_a_dictionary_read_to_its_end_nothing_is_judged(documents: tuple[Document, ...]) -> None:
    assert found(*documents) is None


def test_without_a_dump_nothing_is_judged() -> None:
    assert found(dictionary("so.chung_nhan"), dump=replace(DUMP, tables={})) is None
