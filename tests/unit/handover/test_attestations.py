"""Levels 3 to 5 count only with evidence, for exactly the files they were said of, and without a gap."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from handover.attestations import AttestationRefused, attest, attestations, with_attested_levels
from handover.errors import DeliveryUnknown
from handover.parts import Component, Deliverable
from handover.sealed import SealedDelivery
from handover.vault import Vault

NOW = datetime(2022, 4, 9, tzinfo=UTC)
SOURCE = (Component.SUPPORT, Deliverable.SOURCE)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "vault")


@pytest.fixture
def sealed(vault: Vault, make_bag: Callable[..., Path]) -> SealedDelivery:
    return vault.receive(make_bag({"source/support/A.java": b"class A {}\n"}), received_at=NOW)


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    (tmp_path / "build.log").write_text("BUILD SUCCESS\n", encoding="utf-8")
    return tmp_path / "build.log"


def cell(status: str = "received") -> dict[str, Any]:
    return {"cells": [{"component": "support", "deliverable": "source", "status": status, "level": 1}]}


def level(assessed: dict[str, Any]) -> int:
    found: int = assessed["cells"][0]["level"]
    return found


def test_levels_rise_one_by_one(vault: Vault, sealed: SealedDelivery, evidence: Path) -> None:
    attest(vault, sealed.id, SOURCE, 4, evidence, "an engineer", NOW)
    assert level(with_attested_levels(cell(), attestations(vault, sealed))) == 1
    attest(vault, sealed.id, SOURCE, 3, evidence, "an engineer", NOW)
    raised = with_attested_levels(cell(), attestations(vault, sealed))
    assert level(raised) == 4
    assert [each["level"] for each in raised["cells"][0]["attested"]] == [3, 4]


def test_a_cell_that_was_not_received_is_not_raised(
    vault: Vault, sealed: SealedDelivery, evidence: Path
) -> None:
    attest(vault, sealed.id, SOURCE, 3, evidence, "an engineer", NOW)
    assert level(with_attested_levels(cell("partial"), attestations(vault, sealed))) == 1


def test_the_statement_is_in_toto_and_about_the_files(
    vault: Vault, sealed: SealedDelivery, evidence: Path
) -> None:
    made = attest(vault, sealed.id, SOURCE, 3, evidence, "an engineer", NOW)
    (content,) = vault.statements(sealed.id)
    statement = json.loads(content)
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["subject"][0]["name"] == f"{sealed.id}/support/source"
    assert statement["predicate"]["configuration"][0]["digest"] == {"sha256": made.evidence_sha256}


def test_lost_evidence_or_a_statement_of_other_files_counts_for_nothing(
    vault: Vault, sealed: SealedDelivery, evidence: Path, tmp_path: Path
) -> None:
    made = attest(vault, sealed.id, SOURCE, 3, evidence, "an engineer", NOW)
    (file,) = (tmp_path / "vault" / "attestations").rglob("*.json")
    told = file.read_bytes()
    for broken in (
        b"",
        b"[]",
        b"{}",
        told.replace(b"PASSED", b"FAILED"),
        told.replace(b'"level": 3', b'"level": "x"'),
    ):
        vault.keep_statement(sealed.id, file.name, broken)
        assert attestations(vault, sealed) == ()
    statement = json.loads(told)
    statement["subject"][0]["digest"]["sha256"] = "0" * 64
    vault.keep_statement(sealed.id, file.name, json.dumps(statement).encode())
    assert attestations(vault, sealed) == ()
    vault.keep_statement(sealed.id, file.name, told)
    assert attestations(vault, sealed) == (made,)
    kept = tmp_path / "vault" / "objects" / made.evidence_sha256[:2] / made.evidence_sha256
    kept.chmod(0o600)
    kept.write_bytes(b"BUILD FAILURE\n")
    assert attestations(vault, sealed) == ()


@pytest.mark.parametrize(
    ("place", "level_", "content", "by", "said"),
    [
        (SOURCE, 2, b"x", "a", "levels 3 to 5"),
        ((Component.PORTAL, Deliverable.SOURCE), 3, b"x", "a", "nothing to attest"),
        (SOURCE, 3, b"", "a", "holds nothing"),
        (SOURCE, 3, None, "a", "can't be read"),
        (SOURCE, 3, b"x", "  ", "who attests"),
    ],
)
def test_what_can_not_be_attested_is_refused_and_nothing_is_kept(
    place: tuple[Component, Deliverable],
    level_: int,
    content: bytes | None,
    by: str,
    said: str,
    vault: Vault,
    sealed: SealedDelivery,
    tmp_path: Path,
) -> None:
    if content is not None:
        (tmp_path / "e").write_bytes(content)
    with pytest.raises(AttestationRefused, match=said):
        attest(vault, sealed.id, place, level_, tmp_path / "e", by, NOW)
    assert vault.statements(sealed.id) == ()


def test_an_unknown_delivery_is_refused(vault: Vault, evidence: Path) -> None:
    with pytest.raises(DeliveryUnknown):
        attest(vault, "vn-none", SOURCE, 3, evidence, "a", NOW)
