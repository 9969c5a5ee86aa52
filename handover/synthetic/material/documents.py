"""What each document says: kind, title, sections. How it is written is the business of ``formats``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from handover.parts import DocumentKind
from handover.synthetic.material.products import PACKED_AT, Product
from handover.synthetic.material.schema import VendorSchema, vendor_schema
from handover.synthetic.material.templates import data_yaml


@dataclass(frozen=True)
class Table:
    """A table of texts; every row is as long as the header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """A heading, paragraphs, and at most one table below them."""

    heading: str
    paragraphs: tuple[str, ...]
    table: Table | None


@dataclass(frozen=True)
class Document:
    """One document; the ending of ``file`` names the format in which it is written."""

    kind: DocumentKind
    file: str
    title: str
    preamble: str
    sections: tuple[Section, ...]


def documents(product: Product) -> tuple[Document, ...]:
    """The documents of a product, in the order of its data file."""
    described = data_yaml(f"documents/{product.component}.yml", product.context)
    schema = vendor_schema()[product.component]
    preamble = (
        f"Phiên bản {product.version}, ngày {PACKED_AT:%d/%m/%Y}. Tài liệu của một đợt bàn giao mô phỏng."
    )
    return tuple(
        Document(
            kind=(kind := DocumentKind(each["kind"])),
            file=each["file"],
            title=each["title"],
            preamble=preamble,
            sections=_dictionary(schema)
            if kind is DocumentKind.DATABASE_DICTIONARY
            else tuple(_section(section, schema) for section in each["sections"]),
        )
        for each in described
    )


def _section(fields: Any, schema: VendorSchema) -> Section:
    table = None
    if "table" in fields:
        rows = tuple(tuple(row) for row in fields["table"]["rows"])
        table = Table(tuple(fields["table"]["header"]), rows)
    elif fields.get("shows") == "tables":
        table = _tables(schema)
    return Section(fields["heading"], tuple(fields["paragraphs"]), table)


def _tables(schema: VendorSchema) -> Table:
    rows = tuple((f"{schema.name}.{each.name}", each.meaning, ", ".join(each.key)) for each in schema.tables)
    return Table(("Bảng", "Ý nghĩa", "Khóa chính"), rows)


def _dictionary(schema: VendorSchema) -> tuple[Section, ...]:
    """One section for the list of tables, then one for each table's columns."""
    return (
        Section("Danh sách bảng", (), _tables(schema)),
        *(
            Section(
                table.name,
                (table.meaning,),
                Table(
                    ("Cột", "Kiểu dữ liệu", "Khóa chính", "Ý nghĩa"),
                    tuple(
                        (each.name, each.type, "x" if each.is_key else "", each.meaning)
                        for each in table.columns
                    ),
                ),
            )
            for table in schema.tables
        ),
    )
