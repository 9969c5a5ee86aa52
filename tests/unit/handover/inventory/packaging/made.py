"""Small installers of each binary format, made by hand from the formats' descriptions and not by the readers' code."""

from __future__ import annotations

import hashlib
import io
import json
import plistlib
import struct
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from uuid import UUID

MSI = UUID("000C1084-0000-0000-C000-000000000046")
WORD = UUID("00020906-0000-0000-C000-000000000046")
COMMIT = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c"
DEBUG_CERTIFICATE = b"0\x82\x01\x0d1\x160\x14\x06\x03U\x04\x03\x13\x0dAndroid Debug"

NOTHING = 0xFFFFFFFF
RESOURCES = {"versionCode": 0x0101021B, "versionName": 0x0101021C, "debuggable": 0x0101000F}


def zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def chunk(kind: int, head: bytes, body: bytes) -> bytes:
    return struct.pack("<HHI", kind, 8 + len(head), 8 + len(head) + len(body)) + head + body


def pool(strings: Sequence[str], encoding: str = "utf-16-le") -> bytes:
    if encoding == "utf-8":
        packed = [
            struct.pack("<BB", len(each), len(each.encode())) + each.encode() + b"\0" for each in strings
        ]
    else:
        packed = [struct.pack("<H", len(each)) + each.encode(encoding) + b"\0\0" for each in strings]
    offsets = struct.pack(f"<{len(strings)}I", *(sum(map(len, packed[:at])) for at in range(len(packed))))
    flags = 0x100 if encoding == "utf-8" else 0
    head = struct.pack("<5I", len(strings), 0, flags, 28 + len(offsets), 0)
    body = offsets + b"".join(packed)
    return chunk(1, head, body + bytes(-len(body) % 4))


def axml(
    version: str = "3.2.1",
    is_debuggable: bool | None = None,
    encoding: str = "utf-16-le",
    has_map: bool = True,
) -> bytes:
    """A binary manifest of versionName, versionCode 321, and the debug switch where it is given."""
    strings = [*RESOURCES, "manifest", "application", version]
    node = struct.pack("<II", 1, NOTHING)

    def element(name: str, attributes: Sequence[tuple[str, int, int]]) -> bytes:
        body = struct.pack("<IIHHHHHH", NOTHING, strings.index(name), 20, 20, len(attributes), 0, 0, 0)
        for key, kind, data in attributes:
            raw = data if kind == 3 else NOTHING
            body += struct.pack("<IIIHBBI", NOTHING, strings.index(key), raw, 8, 0, kind, data)
        return chunk(0x0102, node, body)

    switch = [] if is_debuggable is None else [("debuggable", 0x12, NOTHING if is_debuggable else 0)]
    named = [("versionCode", 0x10, 321), ("versionName", 3, strings.index(version))]
    resources = chunk(0x0180, b"", struct.pack("<3I", *RESOURCES.values())) if has_map else b""
    body = pool(strings, encoding) + resources + element("manifest", named) + element("application", switch)
    return chunk(3, b"", body)


SIGNED = {"META-INF/CERT.SF": b"Signature-Version: 1.0\r\n", "META-INF/CERT.RSA": b"block"}


def apk(manifest: bytes = axml(), more: Mapping[str, bytes] = SIGNED) -> bytes:
    return zipped({"AndroidManifest.xml": manifest, "classes.dex": b"dex"} | dict(more))


def with_signing_block(package: bytes, content: bytes = b"signers") -> bytes:
    """The package with a block of its signers before the directory, as the second scheme demands."""
    end = package.rindex(b"PK\5\6")
    (start,) = struct.unpack_from("<I", package, end + 16)
    size = struct.pack("<Q", len(content) + 24)
    block = size + content + size + b"APK Sig Block 42"
    moved = struct.pack("<I", start + len(block))
    return package[:start] + block + package[start : end + 16] + moved + package[end + 20 :]


def ipa(said: Mapping[str, object], is_signed: bool = True, is_binary: bool = False) -> bytes:
    kind = plistlib.FMT_BINARY if is_binary else plistlib.FMT_XML
    members = {"Payload/App.app/Info.plist": plistlib.dumps(dict(said), fmt=kind)}
    return zipped(members | ({"Payload/App.app/_CodeSignature/CodeResources": b"x"} if is_signed else {}))


def rpm_header(entries: Sequence[tuple[int, int, bytes]]) -> bytes:
    index, store = b"", b""
    for tag, kind, value in entries:
        index += struct.pack(">4I", tag, kind, len(store), 1)
        store += value
    return b"\x8e\xad\xe8\x01" + bytes(4) + struct.pack(">II", len(entries), len(store)) + index + store


def rpm(version: str = "3.2.1", release: str = "2.el8", is_signed: bool = True, vcs: str = "") -> bytes:
    header = rpm_header(
        [
            (1000, 6, b"app\0"),
            (1001, 6, version.encode() + b"\0"),
            (1002, 6, release.encode() + b"\0"),
            (5034, 6, vcs.encode() + b"\0"),
        ]
    )
    payload = header + b"payload"
    block = [(268, 7, b"signature")] if is_signed else []
    signature = rpm_header([(1000, 4, struct.pack(">I", len(payload))), *block])
    return b"\xed\xab\xee\xdb\x03\0" + bytes(90) + signature + bytes(-len(signature) % 8) + payload


def program(
    version: tuple[int, int, int, int] = (3, 2, 1, 0), flags: int = 0, is_signed: bool = True, bits: int = 64
) -> bytes:
    """A Windows program with one section, its resources, and a certificate after it."""
    major, minor, build, revision = version
    fixed = struct.pack(
        "<2I4H4H7I",
        0xFEEF04BD,
        0x10000,
        minor,
        major,
        revision,
        build,
        0,
        0,
        0,
        0,
        0x3F,
        flags,
        4,
        1,
        0,
        0,
        0,
    )
    resources = b"VS_VERSION_INFO".ljust(32, b"\0") + fixed
    magic, first = (0x20B, 112) if bits == 64 else (0x10B, 96)
    start = 64 + 24 + first + 16 * 8 + 40
    certificate = struct.pack("<IHH", 16, 0x0200, 2) + b"12345678" if is_signed else b""
    directories = [(0, 0)] * 16
    if is_signed:
        directories[4] = (start + len(resources), len(certificate))
    optional = struct.pack("<H", magic).ljust(first - 4, b"\0") + struct.pack("<I", 16)
    optional += b"".join(struct.pack("<II", *each) for each in directories)
    head = b"PE\0\0" + struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, len(optional), 0x22)
    section = struct.pack("<8sIIII12xI", b".rsrc", len(resources), 0x1000, len(resources), start, 0x40000040)
    stub = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 64)
    return stub + head + optional + section + resources + certificate


def ole(root: UUID = MSI, streams: Sequence[str] = ("\x05DigitalSignature",)) -> bytes:
    """An OLE file of two sectors: its allocation table, its directory."""
    entries = [("Root Entry", root.bytes_le), *((each, bytes(16)) for each in streams)]
    directory = b""
    for name, clsid in entries:
        text = name.encode("utf-16-le")
        directory += text.ljust(64, b"\0") + struct.pack("<H", len(text) + 2) + bytes(14) + clsid + bytes(32)
    table = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[NOTHING] * 126)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return header + struct.pack("<109I", 0, *[NOTHING] * 108) + table + directory.ljust(512, b"\0")


def image(
    tags: Sequence[str] = ("moh/app:3.2.1",), labels: Mapping[str, str] | None = None, mode: str = "w"
) -> bytes:
    """What ``docker save`` writes."""
    config = json.dumps({"config": {"Labels": labels}}).encode()
    manifest = json.dumps([{"Config": "c.json", "RepoTags": list(tags), "Layers": ["l/layer.tar"]}]).encode()
    return tarred({"l/layer.tar": b"x" * 2000, "c.json": config, "manifest.json": manifest}, mode)


def oci_layout(tag: str, labels: Mapping[str, str]) -> bytes:
    """What ``skopeo copy`` writes as ``oci-archive``."""
    config = json.dumps({"config": {"Labels": labels}}).encode()
    manifest = json.dumps({"config": _described(config), "layers": []}).encode()
    described = _described(manifest) | {"annotations": {"org.opencontainers.image.ref.name": tag}}
    blobs = {
        _described(each)["digest"].replace("sha256:", "blobs/sha256/"): each for each in (config, manifest)
    }
    index = json.dumps({"manifests": [described]}).encode()
    return tarred({**blobs, "index.json": index, "oci-layout": b'{"imageLayoutVersion": "1.0.0"}'})


def _described(content: bytes) -> dict[str, str]:
    return {"digest": f"sha256:{hashlib.sha256(content).hexdigest()}"}


def chart(text: str) -> bytes:
    return tarred({"app/Chart.yaml": text.encode(), "app/templates/a.yaml": b"kind: Pod\n"}, "w:gz")
