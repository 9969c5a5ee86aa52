"""Unpack an archive of unknown origin into an empty folder: plain files and folders, within limits, or not at all.

Judges names and counts what really comes out, not what headers promise. What the files mean, and whether they
are a bag, is the business of others; removing a half-unpacked folder is the caller's.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from handover.bounded_streams import ArchiveFault
from handover.errors import HandoverError, PackageRefused
from handover.members import Member, read_members
from handover.tree import SeenNames

MAX_PATH_BYTES = 1024
"""Longest path of a member; Linux takes 4096 together with the folder it is unpacked to."""

MAX_NAME_BYTES = 255
"""Longest part of a path that file systems take."""

_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Progress = Callable[[int, int], None]
"""Called with the bytes unpacked, twice: how many there will be in all is known only at the end."""


@dataclass(frozen=True)
class Limits:
    """What no honest package exceeds: members, bytes unpacked, and those as a multiple of the archive's size.

    The multiple is judged from ``judged_from`` bytes on: a small text packs to almost nothing.
    """

    members: int = 1_000_000
    unpacked_bytes: int = 4 << 40
    ratio: int = 200
    judged_from: int = 256 << 20


def unpack(
    archive: Path, folder: Path, limits: Limits, on_progress: Progress | None = None
) -> tuple[PurePosixPath, ...]:
    """Unpack into ``folder``, which must be empty and on no other's hands; the members that a password locks.

    Raises :class:`PackageRefused` for anything hostile or broken; :class:`HandoverError` when the disk is full
    or fails.
    """
    unpacked = _Unpacked(archive, folder, limits)
    try:
        for member in read_members(archive, limits.members):
            unpacked.add(member)
            if on_progress:
                on_progress(unpacked.bytes, unpacked.bytes)
    except ArchiveFault as fault:
        raise refusal(archive, str(fault)) from fault
    if unpacked.locked and not unpacked.files:
        raise refusal(archive, f"holds only members locked by a password, as {str(unpacked.locked[0])!r}")
    if not unpacked.files:
        raise refusal(archive, "is empty")
    return tuple(unpacked.locked)


def refusal(package: Path, clause: str) -> PackageRefused:
    """The refusal of a package; ``clause`` says what it is or has, after its name."""
    return PackageRefused(
        f"The package {package.name!r} was refused: it {clause}. Nothing of it was kept. Ask the sender for a"
        " package without that, and try again."
    )


class _Unpacked:
    """What came out so far: names, files and bytes, and what stays locked."""

    def __init__(self, archive: Path, folder: Path, limits: Limits) -> None:
        self.files = 0
        self.bytes = 0
        self.locked: list[PurePosixPath] = []
        self._members = 0
        self._folder = folder
        self._limits = limits
        self._size = archive.stat().st_size
        self._names = SeenNames()
        self._kinds: dict[PurePosixPath, bool] = {}
        self._room = shutil.disk_usage(folder).free
        if self._room < self._size:
            raise self._full()

    def add(self, member: Member) -> None:
        """Write one member, or raise :class:`ArchiveFault`."""
        self._members += 1
        if self._members > self._limits.members:
            raise ArchiveFault(f"holds more than {self._limits.members} members")
        path = _plain_path(member)
        if path is None:
            return
        self._refuse_clash(path, member)
        if member.content is None:
            self.locked.append(path)
            return
        target = self._folder / path
        with _writable():
            (target if member.is_folder else target.parent).mkdir(mode=0o700, parents=True, exist_ok=True)
        if not member.is_folder:
            self.files += 1
            self._write(target, member.name, member.content)

    def _refuse_clash(self, path: PurePosixPath, member: Member) -> None:
        """Two members of one name, or of names that some disks take for one."""
        if twins := self._names.clash(path):
            first, second = (str(each) for each in twins)
            raise ArchiveFault(
                f"has members {first!r} and {second!r}, whose names differ only in case or Unicode form"
            )
        known = self._kinds.get(path)
        if known is not None and not (known and member.is_folder):
            raise ArchiveFault(f"has the member {str(path)!r} twice")
        parent = next((each for each in path.parents if self._kinds.get(each) is False), None)
        if parent is not None:
            raise ArchiveFault(f"has a member {str(parent)!r} that is a file and also a folder")
        self._kinds[path] = member.is_folder
        self._kinds.update((each, True) for each in path.parents if each not in self._kinds)

    def _write(self, target: Path, name: str, content: Iterator[bytes]) -> None:
        with _writable():
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb", buffering=0) as file:
            for chunk in content:
                self._count(len(chunk), name)
                with _writable():
                    file.write(chunk)

    def _count(self, size: int, name: str) -> None:
        """Judge what really came out, before it is written."""
        self.bytes += size
        if self.bytes > self._limits.unpacked_bytes:
            raise ArchiveFault(
                f"unpacks to more than {self._limits.unpacked_bytes} bytes (at member {name!r})"
            )
        if self.bytes > self._limits.judged_from and self.bytes > self._limits.ratio * self._size:
            raise ArchiveFault(
                f"unpacks to more than {self._limits.ratio} times its size (at member {name!r})"
            )
        if self.bytes > self._room:
            raise self._full()

    def _full(self) -> HandoverError:
        return HandoverError(
            f"The package needs more than the {self._room} bytes that are free below {self._folder.parent}."
            " Nothing of it was kept: free some space and try again."
        )


def _plain_path(member: Member) -> PurePosixPath | None:
    """Where a member belongs below the folder; None for the folder itself."""
    name = member.name
    said = f"has a member {name!r}"
    if name.startswith("/") or _DRIVE.match(name):
        raise ArchiveFault(f"{said} with an absolute path")
    if "\\" in name:
        raise ArchiveFault(f"{said} with a backslash in its path")
    if _CONTROL.search(name) or not _is_utf8(name):
        raise ArchiveFault(f"{said}, whose name isn't plain UTF-8 text")
    parts = name.removeprefix("./").removesuffix("/").split("/")
    if member.is_folder and parts in ([""], ["."]):
        return None
    if ".." in parts:
        raise ArchiveFault(f"{said} that leads out of the package")
    if "" in parts or "." in parts:
        raise ArchiveFault(f"{said}, whose path isn't plain")
    if len(name.encode()) > MAX_PATH_BYTES or any(len(each.encode()) > MAX_NAME_BYTES for each in parts):
        raise ArchiveFault(f"has a member {name[:60] + '…'!r}, whose path is too long")
    return PurePosixPath(*parts)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def _writable() -> Iterator[None]:
    """Our own disk's failure is no fault of the package."""
    try:
        yield
    except OSError as error:
        raise HandoverError(
            f"The package can't be unpacked ({error.strerror}). Nothing of it was kept: mend that and try again."
        ) from error
