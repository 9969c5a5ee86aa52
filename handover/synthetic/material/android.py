"""The Android package of a product: binary manifest, dex file, signature by the rules of jar files.

Nothing in it was compiled or signed: the dex file holds a valid head and no code, and where a signer's block belongs
lies a text that says so. Other installers are made in ``installers``.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from handover.synthetic.material.packing import zipped
from handover.synthetic.material.products import Product
from handover.synthetic.material.source import Tree, tree_id

_NOTHING = 0xFFFFFFFF
_TEXT, _NUMBER = 0x03, 0x10
_RESOURCES = {"versionCode": 0x0101021B, "versionName": 0x0101021C}
_STAND_IN = b"This stands where the block of a signer belongs; nobody signed a synthetic package.\n"

Attributes = Mapping[str, str | int]
"""Attributes of an element: texts and whole numbers by name."""


def android_package(product: Product, source: Tree) -> bytes:
    """The package as a zip."""
    members: dict[str, bytes] = {
        "AndroidManifest.xml": _manifest(product),
        "META-INF/version-control-info.textproto": _version_control(source),
        "assets/CHANGELOG.md": source[PurePosixPath("CHANGELOG.md")],
        "assets/LICENSE": source[PurePosixPath("LICENSE")],
        "classes.dex": _dex(),
    }
    return zipped(members | _signature(members), first=["AndroidManifest.xml"])


def _manifest(product: Product) -> bytes:
    code = 0
    for each in product.version.split("."):
        code = 100 * code + int(each)
    package = f"invalid.example.{product.code.replace('-', '_')}"
    attributes: Attributes = {"versionCode": code, "versionName": product.version, "package": package}
    return _binary_xml([("manifest", attributes), ("application", {})])


def _version_control(source: Tree) -> bytes:
    return (
        f'repositories {{\n  system: GIT\n  local_root_path: "$PROJECT_DIR"\n  revision: "{tree_id(source)}"\n}}\n'
    ).encode()


def _signature(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """The digests of the members, the digest of those, and a stand-in for the signer's block."""
    entries = "".join(
        f"Name: {name}\r\nSHA-256-Digest: {_digest(content)}\r\n\r\n"
        for name, content in sorted(members.items())
    )
    manifest = f"Manifest-Version: 1.0\r\n\r\n{entries}".encode()
    signed = f"Signature-Version: 1.0\r\nSHA-256-Digest-Manifest: {_digest(manifest)}\r\n\r\n".encode()
    return {
        "META-INF/MANIFEST.MF": manifest,
        "META-INF/CERT.SF": signed,
        "META-INF/CERT.RSA": _STAND_IN,
    }


def _digest(content: bytes) -> str:
    return b64encode(hashlib.sha256(content).digest()).decode()


def _binary_xml(elements: Sequence[tuple[str, Attributes]]) -> bytes:
    """Android's binary XML of elements, each within the one before it."""
    names = {name: None for _, attributes in elements for name in attributes}
    texts = [value for _, attributes in elements for value in attributes.values() if isinstance(value, str)]
    known = [each for each in _RESOURCES if each in names]
    strings = list(dict.fromkeys([*known, *names, *texts, *(name for name, _ in elements)]))
    resources = struct.pack(f"<{len(known)}I", *(_RESOURCES[each] for each in known))
    body = _pool(strings) + _chunk(0x0180, b"", resources)
    node = struct.pack("<II", 1, _NOTHING)  # its line, no comment
    for name, attributes in elements:
        body += _chunk(0x0102, node, _element(strings, name, attributes))
    for name, _ in reversed(elements):
        body += _chunk(0x0103, node, struct.pack("<II", _NOTHING, strings.index(name)))
    return _chunk(0x0003, b"", body)


def _element(strings: Sequence[str], name: str, attributes: Attributes) -> bytes:
    body = struct.pack("<IIHHHHHH", _NOTHING, strings.index(name), 20, 20, len(attributes), 0, 0, 0)
    for key, value in attributes.items():
        kind, data = (_TEXT, strings.index(value)) if isinstance(value, str) else (_NUMBER, value)
        raw = data if kind == _TEXT else _NOTHING
        body += struct.pack("<IIIHBBI", _NOTHING, strings.index(key), raw, 8, 0, kind, data)
    return body


def _pool(strings: Sequence[str]) -> bytes:
    packed = [struct.pack("<BB", len(each), len(each.encode())) + each.encode() + b"\0" for each in strings]
    offsets = [sum(map(len, packed[:index])) for index in range(len(packed))]
    body = b"".join(packed)
    body += b"\0" * (-len(body) % 4)
    head = struct.pack("<5I", len(strings), 0, 1 << 8, 28 + 4 * len(strings), 0)
    return _chunk(0x0001, head, struct.pack(f"<{len(strings)}I", *offsets) + body)


def _chunk(kind: int, head: bytes, body: bytes) -> bytes:
    return struct.pack("<HHI", kind, 8 + len(head), 8 + len(head) + len(body)) + head + body


def _dex() -> bytes:
    """A dex file that holds no class: a head of 112 bytes with its right checksum and signature."""
    counts = struct.pack("<III", 0x70, 0x70, 0x12345678) + bytes(0x70 - 44)
    signed = hashlib.sha1(counts, usedforsecurity=False).digest() + counts
    return b"dex\n035\0" + struct.pack("<I", zlib.adler32(signed)) + signed
