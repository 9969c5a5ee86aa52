"""Pack files into zip, tar and ar archives whose bytes depend on nothing but the files.

Members are sorted, owners, modes and times are fixed. What goes into an archive is decided by the caller.
"""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from handover.synthetic.material.products import PACKED_AT

_SECONDS = int(PACKED_AT.timestamp())
_ZIP_TIME = (PACKED_AT.year, PACKED_AT.month, PACKED_AT.day, 0, 0, 0)


def zipped(members: Mapping[str, bytes], first: Iterable[str] = ()) -> bytes:
    """A zip of the members, sorted by name but for those that must come first."""
    buffer = io.BytesIO()
    leading = list(first)
    names = [*leading, *sorted(members.keys() - set(leading))]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, members[name])
    return buffer.getvalue()


def tarred(members: Mapping[str, bytes]) -> bytes:
    """A tar of the members and the folders above them, sorted by name, owned by root."""
    buffer = io.BytesIO()
    folders = {str(parent) for name in members for parent in PurePosixPath(name).parents}
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name in sorted(folders | members.keys()):
            info = tarfile.TarInfo(name)
            info.mtime = _SECONDS
            if name in folders:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(info)
            else:
                info.size, info.mode = len(members[name]), 0o644
                archive.addfile(info, io.BytesIO(members[name]))
    return buffer.getvalue()


def gzipped(content: bytes) -> bytes:
    """The content packed by gzip, without a time stamp."""
    return gzip.compress(content, mtime=0)


def ar(members: Mapping[str, bytes]) -> bytes:
    """An ar archive of the members in the given order, as Debian packages are."""
    packed = b"!<arch>\n"
    for name, content in members.items():
        header = f"{name:<16}{_SECONDS:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n"
        packed += header.encode("ascii") + content + b"\n" * (len(content) % 2)
    return packed
