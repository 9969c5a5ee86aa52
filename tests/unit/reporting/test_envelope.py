"""Envelopes: DSSE as specified, signatures by ed25519, and nothing that is not exactly one is taken for one."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from orchestration.reporting.envelope import (
    STATEMENT_TYPE,
    EnvelopeBroken,
    KeyUnusable,
    Signed,
    encoded,
    key_id,
    opened_envelope,
    sealed_envelope,
    signed_by,
    signing_key,
    trusted_keys,
)

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
STATEMENT = {"_type": STATEMENT_TYPE, "subject": [], "predicateType": "urn:test", "predicate": {"n": 1}}
SEALED = sealed_envelope(STATEMENT, KEY)


def pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def trusted(*keys: Ed25519PrivateKey) -> dict[str, object]:
    return {key_id(key.public_key()): key.public_key() for key in keys}


def test_what_is_signed_is_encoded_as_dsse_says() -> None:
    assert encoded("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_the_same_statement_and_key_give_the_same_bytes() -> None:
    assert sealed_envelope(STATEMENT, KEY) == SEALED
    assert opened_envelope(SEALED).statement == STATEMENT


def test_a_signature_is_judged_by_the_keys_to_trust() -> None:
    envelope = opened_envelope(SEALED)
    assert signed_by(envelope, trusted(KEY, OTHER)) is Signed.VALID
    assert signed_by(envelope, trusted(OTHER)) is Signed.UNKNOWN_KEY
    assert signed_by(opened_envelope(sealed_envelope(STATEMENT, None)), trusted(KEY)) is Signed.UNSIGNED


def test_a_signature_of_another_statement_is_invalid() -> None:
    other = json.loads(sealed_envelope({**STATEMENT, "predicate": {"n": 2}}, KEY))
    forged = {**other, "signatures": json.loads(SEALED)["signatures"]}
    content = json.dumps(forged, sort_keys=True, separators=(",", ":")).encode()
    assert signed_by(opened_envelope(content), trusted(KEY)) is Signed.INVALID


def test_a_signature_under_a_trusted_key_id_made_by_another_key_is_invalid() -> None:
    fields = json.loads(sealed_envelope(STATEMENT, OTHER))
    fields["signatures"][0]["keyid"] = key_id(KEY.public_key())
    content = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    assert signed_by(opened_envelope(content), trusted(KEY)) is Signed.INVALID


def test_every_changed_byte_is_found_by_form_or_signature() -> None:
    for position in range(len(SEALED)):
        changed = SEALED[:position] + bytes([SEALED[position] ^ 1]) + SEALED[position + 1 :]
        try:
            assert signed_by(opened_envelope(changed), trusted(KEY)) is not Signed.VALID, position
        except EnvelopeBroken:
            continue


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"7", b"{}", b"\xff\xfe", b"null", b"[" * 100_000, SEALED[:-1], SEALED + b"\n",
        b'{"payload":"!","payloadType":"x","signatures":[]}',
        b'{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[]}',
        b'{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":7}',
        json.dumps(json.loads(SEALED), indent=1).encode(),
        base64.b64encode(SEALED), bytes(range(256)),
    ],
)  # fmt: skip
def test_what_is_no_envelope_is_refused(content: bytes) -> None:
    with pytest.raises(EnvelopeBroken):
        opened_envelope(content)


def test_keys_are_read_from_pem_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(pem(KEY))
    (tmp_path / "a.pem").write_bytes(public_pem(KEY))
    (tmp_path / "b.pem").write_bytes(public_pem(OTHER))
    read = signing_key(tmp_path / "key")
    assert read is not None
    assert pem(read) == pem(KEY)
    assert set(trusted_keys(tmp_path)) == set(trusted(KEY, OTHER))
    assert set(trusted_keys(tmp_path / "a.pem")) == set(trusted(KEY))
    assert signing_key(None) is None
    assert trusted_keys(None) == {}


def test_what_is_no_key_is_said_so_without_its_content(tmp_path: Path) -> None:
    curve = generate_private_key(SECP256R1())
    files = {
        "empty": b"",
        "text": b"not a key",
        "curve": curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "locked": KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")),
        "public": public_pem(KEY),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(KeyUnusable, match="openssl genpkey"):
            signing_key(tmp_path / name)
    for name in ("empty", "text", "curve", "locked", "absent"):
        with pytest.raises(KeyUnusable, match="openssl pkey"):
            trusted_keys(tmp_path / name)
    (tmp_path / "folder").mkdir()
    with pytest.raises(KeyUnusable, match="no \\*\\.pem"):
        trusted_keys(tmp_path / "folder")
