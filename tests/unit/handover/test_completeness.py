"""Sixteen cells: what wasn't seen is never shown as good."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath

import pytest

from handover.cells import LEVEL_LABELS, STATUS_LABELS, Status, judge_absent, judge_outstanding
from handover.completeness import Cell, Completeness, assess
from handover.inventory.database import Database, against_declaration
from handover.inventory.documents import inventory_documents
from handover.inventory.installers import inventory_installers
from handover.inventory.source import inventory_source
from handover.malware import Scan, ScanStatus
from handover.obligations import Obligation, ObligationStatus, load_correspondence, obligations
from handover.parts import Component, Deliverable, DocumentKind
from handover.sealed import SealedDelivery
from handover.vault import Vault

MakeBag = Callable[..., Path]
APRIL_8 = date(2022, 4, 8)
AS_DECLARED = {"support": {"tiemchung.doi_tuong": 3, "tiemchung.mui_tiem": 5}}


@pytest.fixture
def deliver(tmp_path: Path, make_bag: MakeBag) -> Callable[..., SealedDelivery]:
    def deliver(files: Mapping[str, bytes], text: str = "") -> SealedDelivery:
        bag = make_bag(files, text=text)
        return Vault(tmp_path / "vault").receive(bag, received_at=datetime(2022, 4, 8, tzinfo=UTC))

    return deliver


@pytest.fixture
def whole(declaration: str, war: bytes) -> tuple[dict[str, bytes], str]:
    kinds = [each for each in DocumentKind if each is not DocumentKind.DESIGN]
    more = "".join(f', {{path: documents/support/{each}.md, kind: {each}, title: "x"}}' for each in kinds)
    files = {f"documents/support/{each}.md": b"# Title\n\ntext\n" for each in DocumentKind}
    files["documents/support/database_dictionary.md"] = b"tiemchung.doi_tuong\ntiemchung.mui_tiem\n"
    files |= {
        "source/support/pom.xml": b"<project/>\n",
        "source/support/LICENSE": b"ours\n",
        "source/support/A.java": b"class A {}\n",
        "installers/support/app.war": war,
    }
    return files, declaration.replace('"Thiết kế"}]', '"Thiết kế"}' + more + "]")


def databases(delivery: SealedDelivery, counts: Mapping[str, Mapping[str, int]]) -> list[Database]:
    """Databases as if their dumps had been imported with so many rows a table."""
    found = []
    for name, rows in counts.items():
        if Component(name) not in delivery.declaration.components:
            continue
        declared = delivery.declaration.components[Component(name)].database
        assert declared is not None
        findings = tuple(against_declaration(declared, rows))
        found.append(Database(Component(name), declared.path, "14.2", rows, {}, {}, findings))
    return found


def assessed(
    delivery: SealedDelivery, counts: Mapping[str, Mapping[str, int]] | None = AS_DECLARED
) -> Completeness:
    return assess(
        delivery,
        inventory_source(delivery),
        inventory_installers(delivery),
        inventory_documents(delivery),
        databases(delivery, counts or {}),
        load_correspondence(),
        APRIL_8,
    )


def cell(found: Completeness, deliverable: Deliverable, component: Component = Component.SUPPORT) -> Cell:
    return next(
        each for each in found.cells if (each.component, each.deliverable) == (component, deliverable)
    )


def test_before_any_delivery_all_sixteen_cells_are_unanswered() -> None:
    found = assess(None, (), (), (), (), load_correspondence(), APRIL_8)

    assert len(found.cells) == 16
    assert {(each.status, each.level) for each in found.cells} == {(Status.UNANSWERED, 0)}
    assert all("141/CNTT-DLYT" in each.note_en for each in found.cells)
    assert not found.is_complete


def test_before_the_first_letter_nothing_was_asked_for() -> None:
    found = assess(None, (), (), (), (), load_correspondence(), date(2022, 1, 1))

    assert {each.status for each in found.cells} == {Status.MISSING}


def test_between_answer_and_second_request_the_cells_are_missing() -> None:
    found = assess(None, (), (), (), (), load_correspondence(), date(2022, 3, 1))

    assert {each.status for each in found.cells} == {Status.MISSING}


def test_a_whole_delivery_of_one_component_fills_its_four_cells(
    deliver: Callable[..., SealedDelivery], whole: tuple[dict[str, bytes], str]
) -> None:
    found = assessed(deliver(*whole))

    own = [each for each in found.cells if each.component is Component.SUPPORT]
    assert [(each.status, each.level) for each in own] == [(Status.RECEIVED, 1)] * 4
    others = {each.status for each in found.cells if each.component is not Component.SUPPORT}
    assert others == {Status.MISSING}
    assert not found.is_complete


@pytest.mark.parametrize(
    ("deliverable", "left_out"),
    [
        (Deliverable.SOURCE, "source/support/pom.xml"),
        (Deliverable.DOCUMENTS, "documents/support/api.md"),
    ],
)
def test_a_cell_that_lacks_something_is_partial(
    deliver: Callable[..., SealedDelivery],
    whole: tuple[dict[str, bytes], str],
    deliverable: Deliverable,
    left_out: str,
) -> None:
    files, text = whole
    del files[left_out]

    found = cell(assessed(deliver(files, text)), deliverable)

    assert found.status is Status.PARTIAL
    assert found.note_en


@pytest.mark.parametrize(
    ("deliverable", "folder"),
    [
        (Deliverable.SOURCE, "source"),
        (Deliverable.INSTALLERS, "installers"),
        (Deliverable.DOCUMENTS, "documents"),
    ],
)
def test_a_cell_of_which_nothing_came_is_missing(
    deliver: Callable[..., SealedDelivery],
    whole: tuple[dict[str, bytes], str],
    deliverable: Deliverable,
    folder: str,
) -> None:
    files, text = whole
    kept = {path: content for path, content in files.items() if not path.startswith(folder)}

    assert cell(assessed(deliver(kept, text)), deliverable).status is Status.MISSING


def test_a_required_kind_of_document_that_nobody_declares_makes_the_cell_partial(
    deliver: Callable[..., SealedDelivery], whole: tuple[dict[str, bytes], str]
) -> None:
    files, text = whole
    found = cell(assessed(deliver(files, text.replace("kind: api", "kind: design"))), Deliverable.DOCUMENTS)

    assert found.status is Status.PARTIAL
    assert "HND-DOC-09" in found.note_en
    assert "holds no document of the kind api" in [each.message for each in found.findings]


def test_what_was_not_inventoried_is_not_assessed(
    deliver: Callable[..., SealedDelivery], whole: tuple[dict[str, bytes], str]
) -> None:
    found = assess(deliver(*whole), (), (), (), (), load_correspondence(), APRIL_8)

    own = [each for each in found.cells if each.component is Component.SUPPORT]
    assert [(each.status, each.level) for each in own] == [(Status.NOT_ASSESSED, 0)] * 4


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        (AS_DECLARED, Status.RECEIVED),
        ({"support": {"tiemchung.doi_tuong": 3}}, Status.PARTIAL),
        ({"support": {"tiemchung.doi_tuong": 3, "tiemchung.mui_tiem": 4}}, Status.PARTIAL),
        ({"support": AS_DECLARED["support"] | {"tiemchung.x": 0}}, Status.PARTIAL),
        ({"support": {}}, Status.PARTIAL),
        ({"portal": AS_DECLARED["support"]}, Status.NOT_ASSESSED),
        (None, Status.NOT_ASSESSED),
    ],
)
def test_a_database_is_received_only_with_exactly_the_declared_rows(
    deliver: Callable[..., SealedDelivery],
    whole: tuple[dict[str, bytes], str],
    counts: Mapping[str, Mapping[str, int]] | None,
    status: Status,
) -> None:
    assert cell(assessed(deliver(*whole), counts), Deliverable.DATABASE).status is status


def test_a_request_is_satisfied_only_when_all_its_cells_were_received(
    deliver: Callable[..., SealedDelivery], whole: tuple[dict[str, bytes], str]
) -> None:
    delivery = deliver(*whole)
    letters = load_correspondence()
    only_support = replace(
        letters, letters=tuple(replace(each, components=(Component.SUPPORT,)) for each in letters.letters)
    )
    inventories = (inventory_source(delivery), inventory_installers(delivery), inventory_documents(delivery))

    of_four = assess(delivery, *inventories, databases(delivery, AS_DECLARED), letters, APRIL_8)
    of_one = assess(delivery, *inventories, databases(delivery, AS_DECLARED), only_support, APRIL_8)

    assert not [each for each in of_four.obligations if each.satisfied_by]
    satisfied = {each.what for each in of_one.obligations if each.status is ObligationStatus.SATISFIED}
    assert satisfied == set(Deliverable)


@pytest.mark.parametrize(
    ("status", "days", "outstanding", "absent"),
    [
        (ObligationStatus.OVERDUE, 8, (Status.OVERDUE, 8), (Status.OVERDUE, 8)),
        (ObligationStatus.REFUSED, None, (Status.REFUSED, None), (Status.REFUSED, None)),
        (ObligationStatus.UNANSWERED, None, (Status.UNANSWERED, None), (Status.MISSING, None)),
        (ObligationStatus.ANSWERED, None, (Status.MISSING, None), (Status.MISSING, None)),
    ],
)
def test_an_empty_cell_says_what_the_letters_say(
    status: ObligationStatus,
    days: int | None,
    outstanding: tuple[Status, int | None],
    absent: tuple[Status, int | None],
) -> None:
    owed: list[Obligation] = [
        replace(obligations(load_correspondence(), APRIL_8)[-1], status=status, days_overdue=days)
    ]

    found = [judge_outstanding(owed), judge_absent(owed)]
    assert [(each.status, each.days_overdue) for each in found] == [outstanding, absent]


API = b"GET /api/doi-tuong\n"
DICTIONARY = b"tiemchung.doi_tuong\ntiemchung.mui_tiem\n"


@pytest.mark.parametrize(
    ("api", "dictionary", "counts", "level", "status"),
    [
        (API, DICTIONARY, AS_DECLARED, 2, Status.RECEIVED),
        (API, DICTIONARY + b"tiemchung.nhat_ky\n", AS_DECLARED, 2, Status.PARTIAL),
        (API, b"# Title\n", AS_DECLARED, 2, Status.PARTIAL),
        (API, DICTIONARY, None, 1, Status.RECEIVED),
        (b"# Title\n", DICTIONARY, AS_DECLARED, 1, Status.RECEIVED),
    ],
    ids=["agrees", "describes more", "describes nothing", "no dump", "no endpoint"],
)
def test_documents_reach_level_2_when_compared_with_dump_and_source(
    deliver: Callable[..., SealedDelivery],
    whole: tuple[dict[str, bytes], str],
    api: bytes,
    dictionary: bytes,
    counts: Mapping[str, Mapping[str, int]] | None,
    level: int,
    status: Status,
) -> None:
    files, text = whole
    files |= {
        "documents/support/api.md": api,
        "documents/support/database_dictionary.md": dictionary,
        "source/support/A.java": b'@GetMapping("/doi-tuong")\n',
    }
    found = cell(assessed(deliver(files, text), counts), Deliverable.DOCUMENTS)
    assert (found.level, found.status) == (level, status)


def test_the_assessment_is_plain_json_without_what_files_hold(
    deliver: Callable[..., SealedDelivery], whole: tuple[dict[str, bytes], str]
) -> None:
    files, text = whole
    files["documents/support/design.md"] = "Nguyễn Văn A".encode("utf-16")

    content = json.dumps(assessed(deliver(files, text)).as_json(), ensure_ascii=False)

    assert "HND-DOC-06" in content
    assert "Nguyễn" not in content
    assert set(json.loads(content)) == {
        "as_of",
        "delivery",
        "malware_scan",
        "findings",
        "cells",
        "obligations",
    }


def test_every_status_and_level_has_a_label() -> None:
    assert set(STATUS_LABELS) == set(Status)
    assert len(LEVEL_LABELS) == 6


def test_a_file_that_the_scanner_reports_spoils_its_cell(
    deliver: Callable[..., SealedDelivery], whole: tuple[dict[str, bytes], str]
) -> None:
    delivery = deliver(*whole)
    path = PurePosixPath("documents/support/design.md")
    letters = load_correspondence()
    inventories = (inventory_source(delivery), inventory_installers(delivery), inventory_documents(delivery))
    found = assess(
        delivery,
        *inventories,
        databases(delivery, AS_DECLARED),
        letters,
        APRIL_8,
        Scan(ScanStatus.FOUND, (path, PurePosixPath("declaration.yml"))),
    )

    spoilt = cell(found, Deliverable.DOCUMENTS)
    assert spoilt.status is Status.PARTIAL
    assert [each.path for each in spoilt.findings if each.id == "HND-PKG-02"] == [path]
    assert [(each.id, str(each.path)) for each in found.findings] == [("HND-PKG-02", "declaration.yml")]


def test_without_a_scanner_the_scan_is_not_assessed(
    deliver: Callable[..., SealedDelivery], whole: tuple[dict[str, bytes], str]
) -> None:
    assert assessed(deliver(*whole)).as_json()["malware_scan"]["status"] == "not_assessed"


@pytest.mark.parametrize(("counts", "level"), [(AS_DECLARED, 2), ({}, 1)])
def test_source_reaches_level_2_when_its_tables_were_set_beside_the_dump_s(
    deliver: Callable[..., SealedDelivery],
    whole: tuple[dict[str, bytes], str],
    counts: Mapping[str, Mapping[str, int]],
    level: int,
) -> None:
    files, text = whole
    files["source/support/find.sql"] = (
        b"select id from tiemchung.doi_tuong join tiemchung.mui_tiem using (id);\n"
    )
    found = assess(
        delivery := deliver(files, text),
        inventory_source(delivery),
        inventory_installers(delivery),
        inventory_documents(delivery),
        databases(delivery, counts),
        load_correspondence(),
        APRIL_8,
    )
    assert cell(found, Deliverable.SOURCE).level == level
