"""Android's packages: version and debug switch from the binary manifest, and whether a signature is there.

The manifest's format is that of ``ResourceTypes.h`` of the Android Open Source Project; the signing block's is
"APK Signature Scheme v2". A signature is found to be present; whether it is valid is for ``apksigner`` to say.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from handover.inventory.archives import ArchiveUnreadableError, before_zip_directory, readable, zip_member
from handover.inventory.packaging.claims import commit_of, versions_of
from handover.inventory.packaging.insides import Insides, InstallerType

MANIFEST = "AndroidManifest.xml"

_XML, _POOL, _RESOURCES, _ELEMENT = 0x0003, 0x0001, 0x0180, 0x0102
_UTF8 = 1 << 8
_STRING, _FIRST_NUMBER = 0x03, 0x10
_NAMED = {0x0101021B: "versionCode", 0x0101021C: "versionName", 0x0101000F: "debuggable"}
_MAX_TEXT = 256
_BLOCK_MAGIC = b"APK Sig Block 42"
_MAX_BLOCK = 4 << 20
_MAX_SIGNERS = 4
_SIGNER = re.compile(r"(META-INF/[^/]+)\.(?:RSA|DSA|EC)", re.IGNORECASE)
_DEBUG_NAME = re.compile(rb"\x06\x03U\x04\x03[\x0c\x13\x14\x16]\x0dAndroid Debug")
_REVISION = re.compile(r'revision: *"(\w+)"')
_VCS = "META-INF/version-control-info.textproto"


@dataclass(frozen=True)
class _Pool:
    """The texts of a binary XML, each read when it is asked for."""

    content: bytes
    offsets: tuple[int, ...]
    start: int
    is_utf8: bool

    def text(self, index: int) -> str:
        """The first characters of a text; empty where there is none."""
        if index >= len(self.offsets):
            return ""
        at = self.start + self.offsets[index]
        if self.is_utf8:
            at += 2 if self.content[at] & 0x80 else 1  # its length in characters
            length = self.content[at]
            at += 2 if length & 0x80 else 1
            length = (length & 0x7F) << 8 | self.content[at - 1] if length & 0x80 else length
            return self.content[at : at + min(length, _MAX_TEXT)].decode("utf-8", errors="replace")
        (length,) = struct.unpack_from("<H", self.content, at)
        at += 4 if length & 0x8000 else 2
        length = _MAX_TEXT if length & 0x8000 else min(length, _MAX_TEXT)
        return self.content[at : at + 2 * length].decode("utf-16-le", errors="replace")


def android_package(location: Path, members: Mapping[str, object]) -> Insides:
    """What an APK says. Raises :class:`ArchiveUnreadableError`, also where no device could read its manifest."""
    said = manifest_attributes(zip_member(location, MANIFEST))
    block = _signing_block(location)
    marks = ["the manifest switches debugging on"] if said.get("debuggable") not in (None, 0) else []
    if _DEBUG_NAME.search(block) or _is_debug_signed(location, members):
        marks.append("it is signed with Android's certificate for debugging")
    code = said.get("versionCode")
    return Insides(
        InstallerType.APK,
        versions_of(said.get("versionName")),
        build=None if code is None else str(code),
        commit=_commit(location, members),
        debug_marks=tuple(marks),
        is_signed=bool(block) or has_jar_signature(members),
    )


def android_bundle(location: Path, members: Mapping[str, object]) -> Insides:
    """What an app bundle says; its version lies in a manifest of another format, which isn't read."""
    is_debug = _is_debug_signed(location, members)
    marks = ("it is signed with Android's certificate for debugging",) if is_debug else ()
    return Insides(InstallerType.AAB, debug_marks=marks, is_signed=has_jar_signature(members))


def has_jar_signature(members: Mapping[str, object]) -> bool:
    """Whether a signature by the rules of jar files is there: a list of digests, and its signer's block."""
    names = {each.upper() for each in members}
    return any(f"{each[1]}.SF".upper() in names for each in map(_SIGNER.fullmatch, members) if each)


def manifest_attributes(content: bytes) -> Mapping[str, str | int]:
    """``versionName``, ``versionCode`` and ``debuggable`` of a binary manifest, each where it has a plain value.

    Raises :class:`ArchiveUnreadableError` where the content is no binary XML.
    """
    if content[:4] != struct.pack("<HH", _XML, 8):
        raise ArchiveUnreadableError("has a manifest that isn't Android's binary XML: no device installs it")
    try:
        return _attributes(content)
    except (struct.error, IndexError) as error:
        raise ArchiveUnreadableError(
            "has a manifest that ends in the middle: no device installs it"
        ) from error


def _attributes(content: bytes) -> Mapping[str, str | int]:
    pool, resources = _Pool(content, (), 0, is_utf8=True), ()
    found: dict[str, str | int] = {}
    elements: set[str] = set()
    for kind, at, head, size in _chunks(content):
        if kind == _POOL:
            pool = _pool(content, at, head, size)
        elif kind == _RESOURCES:
            resources = struct.unpack_from(f"<{(size - head) // 4}I", content, at + head)
        elif kind == _ELEMENT:
            name = pool.text(struct.unpack_from("<I", content, at + head + 4)[0])
            if name in {"manifest", "application"} - elements:
                elements.add(name)
                found |= dict(_values(content, pool, resources, at + head, at + size))
    if "manifest" not in elements:
        raise ArchiveUnreadableError("has a manifest without content: no device installs it")
    return found


def _chunks(content: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Type, place, size of the head and size of each chunk below the outermost one."""
    at, end = 8, struct.unpack_from("<I", content, 4)[0]
    if end > len(content):
        raise ArchiveUnreadableError("has a manifest that is cut off: no device installs it")
    while at < end:
        kind, head, size = struct.unpack_from("<HHI", content, at)
        if not 8 <= head <= size or at + size > end:
            raise ArchiveUnreadableError("has a manifest with a part that is cut off: no device installs it")
        yield kind, at, head, size
        at += size


def _pool(content: bytes, at: int, head: int, size: int) -> _Pool:
    count, _, flags, start = struct.unpack_from("<4I", content, at + 8)
    if head + 4 * count > size:
        raise ArchiveUnreadableError("has a manifest that claims more texts than it holds")
    offsets = struct.unpack_from(f"<{count}I", content, at + head)
    return _Pool(content, offsets, at + start, is_utf8=bool(flags & _UTF8))


def _values(
    content: bytes, pool: _Pool, resources: tuple[int, ...], at: int, end: int
) -> Iterator[tuple[str, str | int]]:
    """The attributes we know of the element whose body begins at ``at``."""
    start, stride, count = struct.unpack_from("<3H", content, at + 8)
    if count and (stride < 20 or at + start + stride * count > end):
        raise ArchiveUnreadableError("has a manifest that claims more attributes than it holds")
    for place in range(at + start, at + start + stride * count, stride or 1):
        _, index, raw, _, _, kind, data = struct.unpack_from("<3IHBBI", content, place)
        name = _NAMED.get(resources[index], "") if index < len(resources) else pool.text(index)
        if name in _NAMED.values():
            if kind == _STRING:
                yield name, pool.text(data if raw == 0xFFFFFFFF else raw)
            elif kind >= _FIRST_NUMBER:
                yield name, data


def _signing_block(location: Path) -> bytes:
    """The beginning of the block that lies right before a zip's directory, empty where there is none."""
    tail = before_zip_directory(location, 24)
    if tail[8:] != _BLOCK_MAGIC:
        return b""
    with readable():
        (size,) = struct.unpack_from("<Q", tail)
        return before_zip_directory(location, min(size + 8, _MAX_BLOCK))


def _is_debug_signed(location: Path, members: Mapping[str, object]) -> bool:
    signers = [each for each in members if _SIGNER.fullmatch(each)][:_MAX_SIGNERS]
    return any(_DEBUG_NAME.search(zip_member(location, each)) for each in signers)


def _commit(location: Path, members: Mapping[str, object]) -> str | None:
    """The commit that Android's Gradle plugin notes."""
    if _VCS not in members:
        return None
    return commit_of(_REVISION.findall(zip_member(location, _VCS).decode("utf-8", errors="replace")))
