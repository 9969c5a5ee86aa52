"""Levels 3 to 5 of a cell (it builds, the build equals the installer, it runs): attested by people, with evidence.

An attestation is an in-toto statement (``https://in-toto.io/Statement/v1``, predicate ``test-result``) over exactly the
files of one cell as sealed; the evidence lies in the vault under its digest. It counts as long as both are unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from handover.bag import canonical_digest
from handover.cells import LEVEL_LABELS, Status
from handover.errors import HandoverError
from handover.inventory.holdings import files_of
from handover.parts import Component, Deliverable
from handover.sealed import SealedDelivery
from handover.vault import Vault

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
FIRST_LEVEL, LAST_LEVEL = 3, 5

Place = tuple[Component, Deliverable]


class AttestationRefused(HandoverError):
    """Nothing to attest, no evidence, or a level that isn't attested; nothing was kept."""


@dataclass(frozen=True)
class Attestation:
    """Who says of which cell that it reached a level, since when, and the digest of the evidence."""

    component: Component
    deliverable: Deliverable
    level: int
    attested_by: str
    attested_at: datetime
    evidence_sha256: str

    def as_json(self) -> dict[str, Any]:
        """The attestation for machines."""
        return {
            "level": self.level,
            "by": self.attested_by,
            "at": self.attested_at.isoformat(),
            "evidence_sha256": self.evidence_sha256,
        }


def attest(
    vault: Vault, delivery_id: str, place: Place, level: int, evidence: Path, by: str, now: datetime
) -> Attestation:
    """Keep the evidence and a statement that the cell reached ``level``.

    Raises :class:`AttestationRefused`, or :class:`handover.errors.DeliveryUnknown`.
    """
    delivery = vault.delivery(delivery_id)
    if not FIRST_LEVEL <= level <= LAST_LEVEL:
        raise AttestationRefused(f"Level {level} isn't attested: levels {FIRST_LEVEL} to {LAST_LEVEL} are.")
    if not files_of(delivery, *place):
        raise AttestationRefused(
            f"{delivery_id} holds no {place[1]} of {place[0]}, so there is nothing to attest."
        )
    if not by.strip():
        raise AttestationRefused("Say who attests it (--by).")
    try:
        is_empty = evidence.stat().st_size == 0
    except OSError as error:
        raise AttestationRefused(f"The evidence {evidence} can't be read ({error.strerror}).") from error
    if is_empty or not evidence.is_file():
        raise AttestationRefused(f"The evidence {evidence} is no file, or holds nothing.")
    digest = vault.keep_evidence(evidence)
    made = Attestation(*place, level, by.strip(), now, digest)
    vault.keep_statement(delivery_id, _name(made), _statement(delivery, made, evidence.name))
    return made


def attestations(vault: Vault, delivery: SealedDelivery) -> tuple[Attestation, ...]:
    """Those that still hold: about the files as they are sealed, with their evidence unharmed."""
    found = (_parsed(content, delivery) for content in vault.statements(delivery.id))
    return tuple(each for each in found if each and vault.holds(each.evidence_sha256))


def with_attested_levels(assessed: Mapping[str, Any], held: tuple[Attestation, ...]) -> dict[str, Any]:
    """An assessment as JSON in which received cells have the level to which they are attested without a gap."""
    cells = [dict(cell) for cell in assessed["cells"]]
    for cell in cells:
        own = [a for a in held if (a.component, a.deliverable) == (cell["component"], cell["deliverable"])]
        levels = {each.level for each in own}
        cell["attested"] = [each.as_json() for each in sorted(own, key=lambda each: each.level)]
        if cell["status"] == Status.RECEIVED:
            for level in range(FIRST_LEVEL, LAST_LEVEL + 1):
                if level not in levels:
                    break
                cell["level"] = level
    return {**assessed, "cells": cells}


def _name(made: Attestation) -> str:
    return f"{made.component}.{made.deliverable}.{made.level}.json"


def _subject(delivery: SealedDelivery, component: Component, deliverable: Deliverable) -> str:
    files = files_of(delivery, component, deliverable)
    return canonical_digest((str(each.path), each.sha256) for each in files)


def _statement(delivery: SealedDelivery, made: Attestation, evidence_name: str) -> bytes:
    name = f"{delivery.id}/{made.component}/{made.deliverable}"
    digest = _subject(delivery, made.component, made.deliverable)
    statement = {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": digest}}],
        "predicateType": PREDICATE,
        "predicate": {
            "result": "PASSED",
            "configuration": [{"name": evidence_name, "digest": {"sha256": made.evidence_sha256}}],
            "passedTests": [LEVEL_LABELS[made.level].en],
            "component": made.component,
            "deliverable": made.deliverable,
            "level": made.level,
            "attestedBy": made.attested_by,
            "attestedAt": made.attested_at.isoformat(),
        },
    }
    return json.dumps(statement, ensure_ascii=False, indent=1).encode()


def _parsed(content: bytes, delivery: SealedDelivery) -> Attestation | None:
    """The attestation of a statement, or None where it is broken or about other files."""
    try:
        statement = json.loads(content)
        told = statement["predicate"]
        made = Attestation(
            Component(told["component"]),
            Deliverable(told["deliverable"]),
            int(told["level"]),
            str(told["attestedBy"]),
            datetime.fromisoformat(told["attestedAt"]),
            str(told["configuration"][0]["digest"]["sha256"]),
        )
        about = statement["subject"][0]["digest"]["sha256"]
    except (ValueError, LookupError, TypeError):
        return None
    is_ours = (statement.get("_type"), statement.get("predicateType")) == (STATEMENT, PREDICATE)
    is_current = about == _subject(delivery, made.component, made.deliverable)
    return made if is_ours and is_current and told["result"] == "PASSED" else None
