"""Look into zip, tar and ar archives without unpacking them: bounded memory, bounded reading, no trust.

Lists members and reads small ones. Nothing is ever written or run; what the members mean is decided by the
caller. Every way in which an archive can be broken or too large ends in :class:`ArchiveUnreadableError`.
"""

from __future__ import annotations

import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

MAX_MEMBERS = 100_000
"""Members looked at; an installer of this platform has a few thousand."""

MAX_DIRECTORY_BYTES = 64 << 20
"""Largest zip directory that is read into memory; 100,000 members need about 12 MiB."""

MAX_MEMBER_BYTES = 4 << 20
"""Bytes read of one member."""

MAX_KEPT_BYTES = 64 << 20
"""Bytes of the small members of one ar archive that are kept."""

MAX_STREAM_BYTES = 16 << 30
"""Bytes of a compressed tar that are unpacked to find its members."""

_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


class ArchiveUnreadableError(ValueError):
    """The archive is broken, encrypted or too large to look into; the message says which, not what is inside."""


@contextmanager
def readable() -> Iterator[None]:
    """Turn every way in which reading can fail into :class:`ArchiveUnreadableError`."""
    try:
        yield
    except ArchiveUnreadableError:
        raise
    except _BROKEN as error:
        raise ArchiveUnreadableError(f"can't be read to its end ({type(error).__name__})") from error


def zip_members(location: Path) -> Mapping[str, zipfile.ZipInfo]:
    """The members of a zip by name, from its directory only."""
    with readable():
        _refuse_large_directory(location)
        with zipfile.ZipFile(location) as archive:
            return {each.filename: each for each in archive.infolist()}


def zip_member(location: Path, name: str) -> bytes:
    """The first ``MAX_MEMBER_BYTES`` of one member."""
    with readable(), zipfile.ZipFile(location) as archive, archive.open(name) as member:
        return member.read(MAX_MEMBER_BYTES)


def before_zip_directory(location: Path, size: int) -> bytes:
    """The bytes right before a zip's directory, at most ``size``: where Android puts a signature."""
    with readable(), zipfile.ZipFile(location) as archive, location.open("rb") as file:
        begin = archive.start_dir
        file.seek(max(0, begin - size))
        return file.read(min(size, begin))


def check_zip(location: Path, limit: int) -> None:
    """Unpack every member into nothing: raises when one is damaged, lies about its size, or all exceed limit."""
    members = zip_members(location)
    if sum(each.file_size for each in members.values()) > limit:
        raise ArchiveUnreadableError(f"unpacks to more than {limit} bytes")
    if is_encrypted(members):
        raise ArchiveUnreadableError("is encrypted")
    with readable(), zipfile.ZipFile(location) as archive:
        if archive.testzip() is not None:
            raise ArchiveUnreadableError("holds a damaged member")


def is_encrypted(members: Mapping[str, zipfile.ZipInfo]) -> bool:
    """Whether any member needs a password."""
    return any(each.flag_bits & 1 for each in members.values())


def tar_members(location: Path, wanted: frozenset[str]) -> tuple[tuple[str, ...], Mapping[str, bytes]]:
    """The names of a tar's members (plain or gzip) without a leading ``./``, and the content of those wanted."""
    with readable(), location.open("rb") as raw:
        is_gzip = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not is_gzip:
            return _tar(_Bounded(raw), wanted)
        stream = _Bounded(gzip.GzipFile(fileobj=raw))
        found = _tar(stream, wanted)
        stream.exhaust()  # its check sum stands at the end
        return found


def ar_members(location: Path) -> Mapping[str, bytes]:
    """The small members of an ar archive (a Debian package) by name; larger ones are there with no content."""
    members: dict[str, bytes] = {}
    kept = 0
    with readable(), location.open("rb") as file:
        file.seek(8)
        while header := file.read(60):
            name, size = header[:16].decode("ascii").rstrip(" /"), int(header[48:58])
            kept += size if size <= MAX_MEMBER_BYTES else 0
            if len(members) >= MAX_MEMBERS or size < 0 or kept > MAX_KEPT_BYTES:
                raise ArchiveUnreadableError("has too many members")
            members[name] = file.read(size) if size <= MAX_MEMBER_BYTES else b""
            if size > MAX_MEMBER_BYTES:
                file.seek(size, os.SEEK_CUR)
            file.seek(size % 2, os.SEEK_CUR)
    return members


def unpacked_tar(name: str, packed: bytes, wanted: frozenset[str]) -> Mapping[str, bytes]:
    """The wanted members of a small tar that is packed by gzip or xz (as its name says), or not packed."""
    with readable():
        if name.endswith(".gz"):
            content = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(packed, MAX_MEMBER_BYTES)
        elif name.endswith(".xz"):
            content = lzma.LZMADecompressor(memlimit=64 << 20).decompress(packed, MAX_MEMBER_BYTES)
        else:
            content = packed
        return _tar(_Bounded(io.BytesIO(content)), wanted)[1]


class _Bounded(io.RawIOBase):
    """A stream that refuses to give much at once, or to go far: a tar header may claim any size."""

    def __init__(self, stream: BinaryIO | gzip.GzipFile | io.BytesIO) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MAX_MEMBER_BYTES:
            raise ArchiveUnreadableError("claims a header that is too large")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence != os.SEEK_SET or offset > MAX_STREAM_BYTES:
            raise ArchiveUnreadableError(f"unpacks to more than {MAX_STREAM_BYTES} bytes")
        return self._stream.seek(offset)

    def tell(self) -> int:
        return self._stream.tell()

    def exhaust(self) -> None:
        """Read to the end."""
        while self._stream.read(1 << 20):
            if self._stream.tell() > MAX_STREAM_BYTES:
                raise ArchiveUnreadableError(f"unpacks to more than {MAX_STREAM_BYTES} bytes")


def _tar(stream: _Bounded, wanted: frozenset[str]) -> tuple[tuple[str, ...], Mapping[str, bytes]]:
    names: list[str] = []
    contents: dict[str, bytes] = {}
    with tarfile.open(fileobj=stream, mode="r:") as archive:
        while member := archive.next():
            name = member.name.removeprefix("./")
            names.append(name)
            if len(names) > MAX_MEMBERS:
                raise ArchiveUnreadableError(f"has more than {MAX_MEMBERS} members")
            if name in wanted and member.isreg() and member.size <= MAX_MEMBER_BYTES:
                content = archive.extractfile(member)
                contents[name] = content.read(MAX_MEMBER_BYTES) if content else b""
            archive.members = []  # type: ignore[attr-defined]  # forget it: memory stays bounded
    return tuple(names), contents


def _refuse_large_directory(location: Path) -> None:
    """Judge a zip's directory by its end record before anything reads it into memory."""
    size = location.stat().st_size
    with location.open("rb") as file:
        file.seek(max(0, size - 65557))
        tail = file.read(65557)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise ArchiveUnreadableError("has no end record: it is cut off, or no zip")
    count, directory = struct.unpack_from("<HI", tail, at + 10)
    if tail[max(0, at - 20) : at].startswith(b"PK\x06\x07") and at >= 76:
        count, directory = struct.unpack_from("<QQ", tail, at - 76 + 32)
    if count > MAX_MEMBERS or directory > MAX_DIRECTORY_BYTES:
        raise ArchiveUnreadableError(f"has more than {MAX_MEMBERS} members")
