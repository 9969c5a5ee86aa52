"""Windows' installers (exe, msi): version, debug switch, and whether an Authenticode signature is there.

Programs are read by Microsoft's "PE Format", MSI databases by [MS-CFB]. Whether a signature is valid is for
``signtool`` to say; the version of an MSI lies in its compressed tables, which aren't read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from handover.inventory.archives import ArchiveUnreadableError, readable
from handover.inventory.packaging.claims import versions_of
from handover.inventory.packaging.insides import Insides, InstallerType

MAX_RESOURCE_BYTES = 8 << 20
"""Bytes of a program's resources that are searched for its version."""

MAX_SECTORS = 4096
"""Sectors of an OLE file's directory that are followed; they hold at least 16,000 streams."""

MAX_TABLE_SECTORS = 512
"""Sectors with further places of an OLE file's allocation table that are followed; they span at least 4 GiB."""

_MSI_CLASS = UUID("000C1084-0000-0000-C000-000000000046").bytes_le
_SIGNATURE_STREAM = "\x05DigitalSignature"
_VERSION_MAGIC = struct.pack("<II", 0xFEEF04BD, 0x00010000)
_DATA_DIRECTORIES = {0x10B: 96, 0x20B: 112}
_SECURITY = 4
_DEBUG_FLAG = 1
_LAST_SECTOR = 0xFFFFFFFA


def windows_program(location: Path) -> Insides:
    """What a program says. Raises :class:`ArchiveUnreadableError` for one that is cut off or none of Windows'."""
    with readable(), location.open("rb") as file:
        size = location.stat().st_size
        (at,) = struct.unpack("<I", _read(file, 0x3C, 4))
        magic, section_count, optional_size = struct.unpack("<4s2xH12xH2x", _read(file, at, 24))
        if magic != b"PE\0\0":
            raise ArchiveUnreadableError("is no program that Windows runs")
        optional = _read(file, at + 24, optional_size)
        resources = b""
        for place in range(section_count):
            section = _read(file, at + 24 + optional_size + 40 * place, 40)
            name, loaded, length, start = struct.unpack("<8sI4xII16x", section)
            if start and start + min(length, loaded or length) > size:  # the rest of a section is padding
                raise ArchiveUnreadableError("is cut off within its sections")
            if name == b".rsrc\0\0\0" and not resources:
                resources = _read(file, start, min(length, loaded or length, MAX_RESOURCE_BYTES))
        is_signed = _has_certificate(file, optional, size)
    versions, marks = _version(resources)
    return Insides(InstallerType.EXE, versions, debug_marks=marks, is_signed=is_signed)


def ole_file(location: Path) -> Insides:
    """Whether an OLE file is an MSI database, and is signed. Raises :class:`ArchiveUnreadableError`."""
    with readable(), location.open("rb") as file:
        entries = list(_directory(file))
    if not entries or entries[0][80:96] != _MSI_CLASS:
        return Insides(InstallerType.OLE)
    return Insides(InstallerType.MSI, is_signed=_SIGNATURE_STREAM in map(_name, entries))


def _has_certificate(file: BinaryIO, optional: bytes, size: int) -> bool:
    """Whether the program names a certificate table and the file holds one."""
    (magic,) = struct.unpack_from("<H", optional)
    if magic not in _DATA_DIRECTORIES:
        raise ArchiveUnreadableError("is no program that Windows runs")
    first = _DATA_DIRECTORIES[magic]
    if struct.unpack_from("<I", optional, first - 4)[0] <= _SECURITY:
        return False
    start, length = struct.unpack_from("<II", optional, first + 8 * _SECURITY)
    if not length:
        return False
    if start + length > size:
        raise ArchiveUnreadableError("is cut off within its signature")
    claimed, _, kind = struct.unpack("<IHH", _read(file, start, 8))
    return bool(8 < claimed <= length and kind == 2)


def _version(resources: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The forms of the file's version, and marks of a debug build, from VS_FIXEDFILEINFO."""
    at = resources.find(_VERSION_MAGIC)
    if at < 0 or at + 32 > len(resources):
        return (), ()
    minor, major, revision, build = struct.unpack_from("<4H", resources, at + 8)
    mask, flags = struct.unpack_from("<2I", resources, at + 24)
    numbers = [str(each) for each in (major, minor, build, revision)]
    forms = [".".join(numbers)]
    while len(numbers) > 2 and numbers[-1] == "0":
        numbers.pop()
        forms.append(".".join(numbers))
    is_debug = bool(mask & flags & _DEBUG_FLAG)
    return versions_of(*forms), (("its version calls it a debug build",) if is_debug else ())


def _directory(file: BinaryIO) -> Iterator[bytes]:
    """The directory entries of an OLE file, 128 bytes each, the root first."""
    header = _read(file, 0, 512)
    (shift,) = struct.unpack_from("<H", header, 30)
    if shift not in (9, 12):
        raise ArchiveUnreadableError("has sectors of a size that OLE files don't have")
    table = _allocation(file, header, shift)
    (sector,) = struct.unpack_from("<I", header, 48)
    for _ in range(MAX_SECTORS):
        if sector >= _LAST_SECTOR:
            return
        content = _sector(file, sector, shift)
        yield from (content[at : at + 128] for at in range(0, len(content), 128))
        per_sector = 1 << (shift - 2)
        if sector // per_sector >= len(table):
            raise ArchiveUnreadableError("has a directory that leads nowhere")
        places = _sector(file, table[sector // per_sector], shift)
        (sector,) = struct.unpack_from("<I", places, 4 * (sector % per_sector))
    raise ArchiveUnreadableError("has a directory without end")


def _allocation(file: BinaryIO, header: bytes, shift: int) -> list[int]:
    """The sectors that hold the file's allocation table, in order."""
    table = list(struct.unpack_from("<109I", header, 76))
    (sector,) = struct.unpack_from("<I", header, 68)
    for _ in range(MAX_TABLE_SECTORS):
        if sector >= _LAST_SECTOR:
            return table
        *more, sector = struct.unpack(f"<{1 << (shift - 2)}I", _sector(file, sector, shift))
        table += more
    raise ArchiveUnreadableError("has an allocation table without end")


def _sector(file: BinaryIO, sector: int, shift: int) -> bytes:
    return _read(file, (sector + 1) << shift, 1 << shift)


def _name(entry: bytes) -> str:
    length = min(struct.unpack_from("<H", entry, 64)[0], 64)
    return entry[: max(0, length - 2)].decode("utf-16-le", errors="replace")


def _read(file: BinaryIO, at: int, size: int) -> bytes:
    file.seek(at)
    content = file.read(size)
    if len(content) < size:
        raise ArchiveUnreadableError("is cut off")
    return content
