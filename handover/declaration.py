"""The vendor's declaration (``data/declaration.yml``): what he says the delivery holds.

Parses it once into frozen records and refuses it once, with all faults. Whether what he says is true is the
business of the inventories and of completeness.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import PurePosixPath

from handover.errors import DeclarationRefused
from handover.fields import Fields, YamlUnreadableError, parse_yaml
from handover.parts import Component, DeliveryKind, DocumentKind

DECLARATION_PATH = PurePosixPath("declaration.yml")
"""Where the declaration lies, relative to the bag's ``data/``."""

DELIVERY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
"""Form of a delivery id; it becomes a folder name and a partition key."""
LETTER_LENGTH = 100  # characters of a letter's number, which is shown as it is


@dataclass(frozen=True)
class DeclaredSource:
    """A source tree: folder, version, and the commit it was taken from (40 hex digits)."""

    path: PurePosixPath
    version: str
    commit: str | None


@dataclass(frozen=True)
class DeclaredInstaller:
    """One installer file and the version it installs."""

    path: PurePosixPath
    version: str


@dataclass(frozen=True)
class DeclaredTable:
    """A table of the dump (``schema.table``) and the rows it should hold."""

    table: str
    rows: int


@dataclass(frozen=True)
class DeclaredDatabase:
    """A dump file and its tables."""

    path: PurePosixPath
    tables: tuple[DeclaredTable, ...]


@dataclass(frozen=True)
class DeclaredDocument:
    """One document."""

    path: PurePosixPath
    kind: DocumentKind
    title: str


@dataclass(frozen=True)
class DeclaredComponent:
    """What is declared for one component; None or empty where nothing is."""

    source: DeclaredSource | None
    installers: tuple[DeclaredInstaller, ...]
    database: DeclaredDatabase | None
    documents: tuple[DeclaredDocument, ...]


@dataclass(frozen=True)
class Predecessor:
    """The delivery or increment that an increment follows, by id and bag digest."""

    id: str
    bag_sha256: str


@dataclass(frozen=True)
class DeclaredLetter:
    """The letter or the minutes with which a package is handed over, and the owner's requests it answers, by number."""

    number: str
    sent_on: date
    answers: tuple[str, ...]


@dataclass(frozen=True)
class Declaration:
    """The whole declaration. ``covers_on``, ``baseline`` and ``predecessor`` are set for increments only.

    ``repairs`` is the bag digest of an earlier package of the same day that this increment takes the place of;
    ``letter`` is None where the vendor names none.
    """

    delivery: str
    kind: DeliveryKind
    vendor: str
    snapshot_at: datetime
    covers_on: date | None
    baseline: str | None
    predecessor: Predecessor | None
    repairs: str | None
    components: Mapping[Component, DeclaredComponent]
    letter: DeclaredLetter | None = None


@lru_cache(maxsize=1024)
def parse_declaration(content: bytes) -> Declaration:
    """Parse the bytes of a declaration; the same bytes are parsed once, for every gate asks for every package.

    Raises :class:`DeclarationRefused` listing every fault; messages name fields and types, no values.
    """
    faults: list[str] = []
    try:
        document = parse_yaml(content)
    except YamlUnreadableError as error:
        raise DeclarationRefused(
            f"The declaration {DECLARATION_PATH} can't be read: {error}. Ask the vendor for a corrected one."
        ) from error
    declaration = _declaration(Fields.of(document, faults))
    if faults:
        raise DeclarationRefused(
            f"The declaration {DECLARATION_PATH} has {len(faults)} fault(s). Ask the vendor to correct them"
            " and to send the bag again:",
            faults,
        )
    return declaration


def _declaration(fields: Fields) -> Declaration:
    kind = fields.choice("kind", DeliveryKind)
    is_increment = kind is DeliveryKind.INCREMENT
    declaration = Declaration(
        delivery=_delivery_id(fields, "delivery"),
        kind=kind,
        vendor=fields.text("vendor"),
        snapshot_at=fields.moment("snapshot_at"),
        covers_on=fields.day("covers_on") if is_increment else None,
        baseline=_delivery_id(fields, "baseline") if is_increment else None,
        predecessor=_predecessor(fields.child("predecessor")) if is_increment else None,
        repairs=_bag_digest(fields, "repairs") if is_increment and fields.has("repairs") else None,
        components=_components(fields.child("components")),
        letter=_letter(fields.child("letter")) if fields.has("letter") else None,
    )
    fields.refuse_unknown()
    return declaration


def _letter(fields: Fields) -> DeclaredLetter:
    answers = fields.texts("answers") if fields.has("answers") else ()
    letter = DeclaredLetter(fields.text("number"), fields.day("sent_on"), answers)
    if not all(each.isprintable() and len(each) <= LETTER_LENGTH for each in (letter.number, *answers)):
        fields.note(
            "number", f"and what it answers should be up to {LETTER_LENGTH} printable characters each"
        )
    fields.refuse_unknown()
    return letter


def _components(fields: Fields) -> dict[Component, DeclaredComponent]:
    found = {each: _component(fields.child(each)) for each in Component if fields.has(each)}
    fields.refuse_unknown()
    if not found:
        fields.note("*", f"should declare at least one of {', '.join(Component)}")
    return found


def _component(fields: Fields) -> DeclaredComponent:
    component = DeclaredComponent(
        source=_source(fields.child("source")) if fields.has("source") else None,
        installers=tuple(_installer(each) for each in _optional_list(fields, "installers")),
        database=_database(fields.child("database")) if fields.has("database") else None,
        documents=tuple(_document(each) for each in _optional_list(fields, "documents")),
    )
    fields.refuse_unknown()
    return component


def _optional_list(fields: Fields, name: str) -> list[Fields]:
    return list(fields.children(name)) if fields.has(name) else []


def _source(fields: Fields) -> DeclaredSource:
    commit = fields.text_or_none("commit")
    if commit and not re.fullmatch(r"[0-9a-f]{40}", commit):
        fields.note("commit", "should be 40 hexadecimal digits in lower case")
    source = DeclaredSource(_path(fields), fields.text("version"), commit)
    fields.refuse_unknown()
    return source


def _installer(fields: Fields) -> DeclaredInstaller:
    installer = DeclaredInstaller(_path(fields), fields.text("version"))
    fields.refuse_unknown()
    return installer


def _database(fields: Fields) -> DeclaredDatabase:
    tables = tuple(
        DeclaredTable(each.text("table"), each.count("rows")) for each in fields.children("tables")
    )
    if len({each.table for each in tables}) != len(tables):
        fields.note("tables", "names a table twice")
    database = DeclaredDatabase(_path(fields), tables)
    fields.refuse_unknown()
    return database


def _document(fields: Fields) -> DeclaredDocument:
    document = DeclaredDocument(_path(fields), fields.choice("kind", DocumentKind), fields.text("title"))
    fields.refuse_unknown()
    return document


def _predecessor(fields: Fields) -> Predecessor:
    predecessor = Predecessor(_delivery_id(fields, "id"), _bag_digest(fields, "bag_sha256"))
    fields.refuse_unknown()
    return predecessor


def _bag_digest(fields: Fields, name: str) -> str:
    digest = fields.text(name)
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        fields.note(name, "should be 64 hexadecimal digits in lower case")
    return digest


def _delivery_id(fields: Fields, name: str) -> str:
    text = fields.text(name)
    if text and not DELIVERY_ID.fullmatch(text):
        fields.note(
            name, "should be up to 80 letters, digits, '.', '_' or '-', starting with a letter or digit"
        )
    return text


def _path(fields: Fields) -> PurePosixPath:
    text = fields.text("path")
    parts = text.rstrip("/").split("/")
    if text and (text.startswith("/") or "\\" in text or any(part in ("", ".", "..") for part in parts)):
        fields.note("path", "should be a plain path inside data/, without '..', '.', '\\' or a leading '/'")
    return PurePosixPath(text)
