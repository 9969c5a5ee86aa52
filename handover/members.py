"""The members of a zip or tar of unknown origin, one after another as they come, none of them trusted.

Reads one archive once, forwards, in bounded memory. Which members may become files, and where, is decided by
``unpacking``; only what no package may hold at all (a link, a device) ends the reading here.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow

from handover.bounded_streams import CHUNK, ArchiveFault, Forward, Stream, Xz

MAX_DIRECTORY_BYTES = 256 << 20
"""Largest zip directory that is read into memory; a million members need about 120 MiB."""

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
    MemoryError,
    RuntimeError,
)


@dataclass(frozen=True)
class Member:
    """A file with its content, or a folder; ``name`` is what the archive says, whatever that is.

    ``content`` is None where a password locks it.
    """

    name: str
    is_folder: bool
    content: Iterator[bytes] | None


def read_members(archive: Path, max_members: int) -> Iterator[Member]:
    """All members in their order; each one's content has to be read before the next is asked for.

    Raises :class:`ArchiveFault` when this is no archive that we read, when it is cut off or damaged, and for
    the first member that is neither a file nor a folder.
    """
    with archive.open("rb") as file:
        head = file.read(512)
        file.seek(0)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            with _whole():
                _refuse_large_directory(file, max_members)
            yield from _zip(file)
        elif opener := _opener(head):
            with _whole():
                stream = Forward(opener(file))
            yield from _tar(stream)
        else:
            raise ArchiveFault(
                "is neither a folder nor a zip or tar archive (tar also as gz, bz2, xz or zst)"
            )


@contextmanager
def _whole() -> Iterator[None]:
    """Turn every way in which an archive can be broken into one fault."""
    try:
        yield
    except NotImplementedError as error:
        raise ArchiveFault("uses a compression that can't be read here") from error
    except _BROKEN as error:
        raise ArchiveFault(f"is cut off or damaged ({type(error).__name__})") from error


def _opener(head: bytes) -> Callable[[BinaryIO], Stream] | None:
    """How to read the tar that starts with these bytes."""
    if head[257:262] == b"ustar" or head == bytes(tarfile.BLOCKSIZE):  # zeros: a tar of nothing
        return lambda file: file
    known: dict[bytes, Callable[[BinaryIO], Stream]] = {
        b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
        b"BZh": bz2.BZ2File,
        b"\xfd7zXZ\0": Xz,
        b"\x28\xb5\x2f\xfd": lambda file: pyarrow.CompressedInputStream(pyarrow.PythonFile(file), "zstd"),
    }
    return next((opener for magic, opener in known.items() if head.startswith(magic)), None)


def _zip(file: BinaryIO) -> Iterator[Member]:
    with _whole():
        archive = zipfile.ZipFile(file)
    with archive:
        for info in archive.infolist():
            name = _zip_name(info)
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFDIR if info.is_dir() else stat.S_IFREG):
                raise _no_file(name, is_link=stat.S_ISLNK(kind))
            is_locked = bool(info.flag_bits & 1)
            yield Member(name, info.is_dir(), None if is_locked else _zip_content(archive, info))


def _zip_content(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with _whole():
        member = archive.open(info)
    with member:
        while True:
            with _whole():
                chunk = member.read(CHUNK)
            if not chunk:
                return
            yield chunk


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The member's name; UTF-8 also where the packer forgot to say so, as macOS does."""
    if not info.flag_bits & 0x800:
        try:
            return info.orig_filename.encode("cp437").decode()
        except UnicodeError:
            pass
    return info.orig_filename


def _refuse_large_directory(file: BinaryIO, max_members: int) -> None:
    """Judge a zip's directory by its end record, before the library reads it into memory."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - 65557 - 20)
    file.seek(start)
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise EOFError
    count, directory = struct.unpack_from("<HI", tail, at + 10)
    if at >= 20 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        file.seek(struct.unpack_from("<Q", tail, at - 12)[0])
        count, directory = struct.unpack_from("<QQ", file.read(56), 32)
        file.seek(0)
    if count > max_members or directory > MAX_DIRECTORY_BYTES:
        raise ArchiveFault(f"holds more than {max_members} members")


def _tar(stream: Forward) -> Iterator[Member]:
    with _whole():
        archive = tarfile.open(fileobj=stream, mode="r:", encoding="utf-8")  # type: ignore[call-overload]  # noqa: SIM115
    with archive:
        while True:
            with _whole():
                member = archive.next()
            if member is None:
                break
            archive.members = []  # forget it: memory stays bounded
            if member.issparse() or member.size < 0 or not (member.isreg() or member.isdir()):
                raise _no_file(member.name, is_link=member.issym() or member.islnk())
            yield Member(member.name, member.isdir(), _tar_content(stream, member))
        with _whole():
            stream.refuse_unfinished()


def _tar_content(stream: Forward, member: tarfile.TarInfo) -> Iterator[bytes]:
    left = member.size if member.isreg() else 0
    while left:
        with _whole():
            chunk = stream.content(min(left, CHUNK))
            if not chunk:
                raise EOFError
        left -= len(chunk)
        yield chunk


def _no_file(name: str, *, is_link: bool) -> ArchiveFault:
    what = "is a link" if is_link else "is neither a plain file nor a folder"
    return ArchiveFault(f"has a member {name!r} that {what}")
