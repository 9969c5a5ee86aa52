"""What a cell as a whole lacks or has twice: one defect planted, found, and nothing else critical or major."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from handover.findings import catalogue
from handover.inventory.documents import inventory_documents
from handover.inventory.gaps import gaps
from handover.parts import Component, Deliverable, DocumentKind
from handover.sealed import SealedDelivery
from handover.vault import Vault

Deliver = Callable[[Mapping[str, bytes], str], SealedDelivery]


@pytest.fixture
def deliver(tmp_path: Path, make_bag: Callable[..., Path]) -> Deliver:
    def deliver(files: Mapping[str, bytes], text: str) -> SealedDelivery:
        received_at = datetime(2022, 4, 8, tzinfo=UTC)
        return Vault(tmp_path / "vault").receive(make_bag(files, text=text), received_at=received_at)

    return deliver


@pytest.fixture
def whole(declaration: str) -> tuple[dict[str, bytes], str]:
    kinds = [each for each in DocumentKind if each is not DocumentKind.DESIGN]
    more = "".join(f', {{path: documents/support/{each}.md, kind: {each}, title: "x"}}' for each in kinds)
    files = {f"documents/support/{each}.md": f"# {each}\n".encode() for each in DocumentKind}
    files |= {"source/support/A.java": b"class A {}\n", "installers/support/app.war": b"war"}
    return files, declaration.replace('"Thiết kế"}]', '"Thiết kế"}' + more + "]")


def found(delivery: SealedDelivery) -> list[str]:
    documents = inventory_documents(delivery)
    cells = (Deliverable.SOURCE, Deliverable.INSTALLERS, Deliverable.DOCUMENTS)
    return [each.id for cell in cells for each in gaps(delivery, Component.SUPPORT, cell, documents)]


def test_a_whole_delivery_has_no_gap(deliver: Deliver, whole: tuple[dict[str, bytes], str]) -> None:
    assert found(deliver(*whole)) == []


@pytest.mark.parametrize(
    ("left_out", "id_"),
    [
        ("source/support/A.java", "HND-SRC-18"),
        ("installers/support/app.war", "HND-INS-05"),
        ("documents/support/api.md", "HND-DOC-07"),
    ],
)
def test_a_declared_path_without_a_file(
    left_out: str, id_: str, deliver: Deliver, whole: tuple[dict[str, bytes], str]
) -> None:
    files, text = whole
    del files[left_out]
    ids = found(deliver(files, text))
    assert id_ in ids
    assert set(ids) <= {id_, "HND-DOC-09"}  # an absent document leaves its kind missing too


@pytest.mark.parametrize(
    ("copy", "of", "id_"),
    [
        ("installers/support/copy.war", "installers/support/app.war", "HND-INS-06"),
        ("documents/support/copy.md", "documents/support/api.md", "HND-DOC-08"),
    ],
)
def test_a_copy_is_named_beside_its_original(
    copy: str, of: str, id_: str, deliver: Deliver, whole: tuple[dict[str, bytes], str]
) -> None:
    files, text = whole
    assert found(deliver(files | {copy: files[of]}, text)) == [id_]
    assert not catalogue()[id_].severity.spoils


def test_an_installer_of_another_version_than_the_source(
    deliver: Deliver, whole: tuple[dict[str, bytes], str]
) -> None:
    files, text = whole
    declared = 'path: installers/support/app.war, version: "'
    assert declared in text
    assert found(deliver(files, text.replace(declared, declared + "9."))) == ["HND-INS-07"]


def test_a_kind_that_nobody_declares(deliver: Deliver, whole: tuple[dict[str, bytes], str]) -> None:
    files, text = whole
    assert found(deliver(files, text.replace("kind: api", "kind: design"))) == ["HND-DOC-09"]


@pytest.mark.parametrize(
    ("text", "ids"),
    [("See API.md and source/A.md.\n", ["HND-DOC-13"]), ("See api.md, design.md.\n", [])],
)
def test_a_file_that_a_document_names_and_nobody_sent(
    text: str, ids: list[str], deliver: Deliver, whole: tuple[dict[str, bytes], str]
) -> None:
    files, declared = whole
    assert found(deliver(files | {"documents/support/design.md": text.encode()}, declared)) == ids
