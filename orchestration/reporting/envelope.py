"""Signed envelopes: an in-toto statement in a DSSE envelope, signed with ed25519 or plainly unsigned.

Belongs here: the envelope's form (https://github.com/secure-systems-lab/dsse), keys, signatures. What is stated of a
report is :mod:`orchestration.reporting.seal`. ed25519 is deterministic: the same statement and key give the same bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from orchestration.reporting.report import ReportError, canonical

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
_LARGEST = 64 << 20
"""Bytes of an envelope that is read; the national one takes about 200 KB."""


class KeyUnusable(ReportError):
    """A key file is missing or holds no ed25519 key."""


class EnvelopeBroken(ReportError):
    """What lies there is no envelope of a statement."""


class Signed(StrEnum):
    """What can be said of an envelope's signatures."""

    UNSIGNED = "unsigned"
    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN_KEY = "unknown_key"
    """Signed by a key that nobody named as one to trust: nothing can be said."""


@dataclass(frozen=True)
class Envelope:
    """``payload`` is the statement's bytes; ``signatures`` by key id (SHA-256 of the public key's DER form, hex)."""

    payload: bytes
    signatures: Mapping[str, bytes]

    @property
    def statement(self) -> Mapping[str, Any]:
        """The payload as plain values."""
        statement: Mapping[str, Any] = json.loads(self.payload)
        return statement


def sealed_envelope(statement: Mapping[str, Any], key: Ed25519PrivateKey | None) -> bytes:
    """The bytes of an envelope; without a key its list of signatures is empty."""
    payload = canonical(statement)
    signatures = []
    if key is not None:
        signature = base64.b64encode(key.sign(encoded(PAYLOAD_TYPE, payload))).decode()
        signatures = [{"keyid": key_id(key.public_key()), "sig": signature}]
    envelope = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": signatures,
    }
    return canonical(envelope)


def opened_envelope(content: bytes) -> Envelope:
    """Read an envelope; raises :class:`EnvelopeBroken` for anything that is not exactly one."""
    if len(content) > _LARGEST:
        raise EnvelopeBroken("it is larger than any seal")
    try:
        fields = json.loads(content)
        payload = base64.b64decode(fields["payload"], validate=True)
        signatures = {
            str(each["keyid"]): base64.b64decode(each["sig"], validate=True) for each in fields["signatures"]
        }
        is_exact = canonical(fields) == content and canonical(json.loads(payload)) == payload
        types = fields["payloadType"], json.loads(payload)["_type"]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        raise EnvelopeBroken("it is no DSSE envelope of a statement") from None
    if not is_exact or types != (PAYLOAD_TYPE, STATEMENT_TYPE):
        raise EnvelopeBroken("it is no envelope of an in-toto statement in canonical form")
    return Envelope(payload, signatures)


def signed_by(envelope: Envelope, trusted: Mapping[str, Ed25519PublicKey]) -> Signed:
    """Judge the signatures by the keys to trust: one valid signature of one of them is enough."""
    if not envelope.signatures:
        return Signed.UNSIGNED
    known = {id_: signature for id_, signature in envelope.signatures.items() if id_ in trusted}
    if not known:
        return Signed.UNKNOWN_KEY
    for id_, signature in known.items():
        try:
            trusted[id_].verify(signature, encoded(PAYLOAD_TYPE, envelope.payload))
        except InvalidSignature:
            return Signed.INVALID
    return Signed.VALID


def encoded(payload_type: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding of type and payload."""
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def key_id(key: Ed25519PublicKey) -> str:
    """SHA-256 of the key's DER form (SubjectPublicKeyInfo), in hex."""
    return hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


def signing_key(file: Path | None) -> Ed25519PrivateKey | None:
    """The key in a PEM file (PKCS #8, not encrypted), None without a file; raises :class:`KeyUnusable`."""
    if file is None:
        return None
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(
            f"{file} holds no ed25519 key as unencrypted PEM; make one with `openssl genpkey -algorithm ed25519`."
        )
    return key


def trusted_keys(place: Path | None) -> dict[str, Ed25519PublicKey]:
    """Public keys by id, of a PEM file or of a folder's ``*.pem``; raises :class:`KeyUnusable`."""
    if place is None:
        return {}
    files = sorted(place.glob("*.pem")) if place.is_dir() else [place]
    found = {key_id(key): key for key in (_public_key(file) for file in files)}
    if not found:
        raise KeyUnusable(f"{place} holds no *.pem file with a public key to trust.")
    return found


def _public_key(file: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnusable(
            f"{file} holds no ed25519 public key as PEM; make it with `openssl pkey -in <key> -pubout`."
        )
    return key
