"""Linux packages (deb, rpm): their version, and whether an rpm holds a signature (not whether it is valid).

The rpm format is that of "RPM V4 Package format" (lead, signature header, header), its tags those of ``rpmtag.h``.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from handover.inventory.archives import ArchiveUnreadableError, ar_members, readable, unpacked_tar
from handover.inventory.packaging.claims import commit_of, versions_of
from handover.inventory.packaging.insides import Insides, InstallerType

MAX_ENTRIES = 1 << 16
"""Entries of an rpm's header; a package of this platform has about a hundred."""

MAX_HEADER_BYTES = 32 << 20
"""Bytes of an rpm's header: it names every file of the package."""

_LEAD_BYTES = 96
_HEADER_MAGIC = b"\x8e\xad\xe8\x01"
_INT32, _STRING = 4, 6
_VERSION, _RELEASE, _VCS = 1001, 1002, 5034
_SIGNED_SIZE = 1000
_SIGNATURES = {267, 268, 278, 1002, 1005}
_CONTROL_VERSION = re.compile(rb"^Version:[ \t]*(\S+)[ \t\r]*$", re.MULTILINE)
_AFTER_SIGN = re.compile(r"[#@:=]")


def debian_package(location: Path) -> Insides:
    """What a Debian package says. Raises :class:`ArchiveUnreadableError`, also where dpkg would refuse it."""
    members = ar_members(location)
    control = next((name for name in members if name.startswith("control.tar")), None)
    if control is None:
        raise ArchiveUnreadableError("holds no control.tar, so it is no Debian package that installs")
    said = unpacked_tar(control, members[control], frozenset({"control"})).get("control", b"")
    match = _CONTROL_VERSION.search(said)
    full = match[1].decode("utf-8", errors="replace") if match else ""
    upstream = full.partition(":")[2] if ":" in full else full
    return Insides(InstallerType.DEB, versions_of(full, upstream, upstream.rpartition("-")[0]))


@dataclass(frozen=True)
class _Header:
    """One header of an rpm: where each tag's value lies in the store, and of which type it is."""

    entries: Mapping[int, tuple[int, int]]
    store: bytes

    def text(self, tag: int) -> str:
        kind, at = self.entries.get(tag, (0, 0))
        if kind != _STRING or at >= len(self.store):
            return ""
        return self.store[at : at + 256].partition(b"\0")[0].decode("utf-8", errors="replace")

    def number(self, tag: int) -> int:
        kind, at = self.entries.get(tag, (0, 0))
        return int(struct.unpack_from(">I", self.store, at)[0]) if kind == _INT32 else 0


def rpm_package(location: Path) -> Insides:
    """What an rpm says. Raises :class:`ArchiveUnreadableError`."""
    with readable(), location.open("rb") as file:
        file.seek(_LEAD_BYTES)
        signature = _header(file)
        file.seek(-file.tell() % 8, 1)
        begin = file.tell()
        header = _header(file)
        if begin + signature.number(_SIGNED_SIZE) > location.stat().st_size:
            raise ArchiveUnreadableError("is cut off: it is smaller than it says")
    version, release = header.text(_VERSION), header.text(_RELEASE)
    if not version:
        raise ArchiveUnreadableError("says no version, so it is no package that installs")
    return Insides(
        InstallerType.RPM,
        versions_of(f"{version}-{release}" if release else version, version),
        build=release[:60] or None,
        commit=commit_of(_AFTER_SIGN.split(header.text(_VCS))),
        is_signed=bool(_SIGNATURES & signature.entries.keys()),
    )


def _header(file: BinaryIO) -> _Header:
    magic, count, size = struct.unpack(">4s4xII", file.read(16))
    if magic != _HEADER_MAGIC:
        raise ArchiveUnreadableError("has no header where an rpm has it")
    if count > MAX_ENTRIES or size > MAX_HEADER_BYTES:
        raise ArchiveUnreadableError("claims a header that is too large")
    index, store = file.read(16 * count), file.read(size)
    if len(index) < 16 * count or len(store) < size:
        raise ArchiveUnreadableError("is cut off within its header")
    return _Header({tag: (kind, at) for tag, kind, at, _ in struct.iter_unpack(">4I", index)}, store)
