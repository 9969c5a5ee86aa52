"""What a vendor may send, opened as the folder of a bag: a bag, a plain folder, a zip, a tar.

Type by content, not by name. What has to be unpacked or bagged lies in a scratch folder that is gone
afterwards; the vendor's own files are only read. Whether the bag is whole is the vault's business.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from handover.bag import Progress
from handover.declaration import DECLARATION_PATH, parse_declaration
from handover.errors import HandoverError, PackageRefused
from handover.tree import regular_files
from handover.unpacking import Limits, refusal, unpack

LIMITS = Limits()
OWN = "package-"
"""How the names of our folders in the scratch folder begin."""

LOCKED_MEMBERS = "locked-members.json"
"""A tag file of our own: the paths of members that a password kept out of the bag."""

BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


@contextmanager
def opened_package(
    path: Path, scratch: Path, on_progress: Progress | None = None, limits: Limits = LIMITS
) -> Iterator[Path]:
    """The folder of a bag, made below ``scratch`` where ``path`` isn't one itself; gone when the caller is done.

    Raises :class:`PackageRefused` for what is hostile, broken or no package at all,
    :class:`DeclarationRefused` when a plain folder's declaration can't be read, :class:`HandoverError` when
    there is no room to unpack it. Nothing is left behind then.
    """
    if not path.exists():
        raise PackageRefused(f"There is no package {path}. Name a folder, or a zip or tar archive.")
    if _is_bag(path):
        yield path
        return
    with _workplace(scratch) as place:
        if path.is_dir():
            yield _bagged(path, path, place / "bag", (), on_progress)
            return
        folder, locked = _unpacked(path, place / "unpacked", limits, on_progress)
        if not _is_bag(folder):
            yield _bagged(folder, path, place / "bag", locked, on_progress)
        elif locked:
            raise refusal(path, f"is a bag with a member {str(locked[0])!r} that is locked by a password")
        else:
            yield folder


def _is_bag(folder: Path) -> bool:
    return (folder / "bagit.txt").is_file()


def _unpacked(
    archive: Path, folder: Path, limits: Limits, on_progress: Progress | None
) -> tuple[Path, tuple[PurePosixPath, ...]]:
    """The archive's folder, or the one in it that holds everything; the locked members, relative to it."""
    folder.mkdir()
    locked = unpack(archive, folder, limits, on_progress)
    entries = list(folder.iterdir())
    if (
        len(entries) != 1
        or not entries[0].is_dir()
        or any(each.parts[0] != entries[0].name for each in locked)
    ):
        return folder, locked
    return entries[0], tuple(each.relative_to(entries[0].name) for each in locked)


@contextmanager
def _workplace(scratch: Path) -> Iterator[Path]:
    """A folder of our own below ``scratch``; those that killed processes left behind are removed first."""
    with _held(scratch, fcntl.LOCK_EX):
        for left in scratch.glob(f"{OWN}*"):
            _remove_left(left)
        place = Path(tempfile.mkdtemp(dir=scratch, prefix=OWN))
        handle = _lock(place, fcntl.LOCK_EX)
    try:
        yield place
    finally:
        shutil.rmtree(place)
        os.close(handle)


@contextmanager
def _held(folder: Path, how: int) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = _lock(folder, how)
    except OSError as error:
        raise HandoverError(
            f"The scratch folder {folder} can't be used ({error.strerror}). Mend that and try again."
        ) from error
    try:
        yield
    finally:
        os.close(handle)


def _lock(folder: Path, how: int) -> int:
    """Hold a folder until the handle is closed; the operating system closes it when the process dies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, how)
    except OSError:
        os.close(handle)
        raise
    return handle


def _remove_left(folder: Path) -> None:
    try:
        handle = _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # its process is at work
    shutil.rmtree(folder)
    os.close(handle)


def _bagged(
    folder: Path,
    package: Path,
    bag: Path,
    locked: tuple[PurePosixPath, ...],
    on_progress: Progress | None,
) -> Path:
    """A bag of a plain folder's files: hard links, or copies where the disk is another one."""
    faults: list[str] = []
    sources = regular_files(folder, faults)
    if faults:
        raise PackageRefused(
            f"The package {package.name!r} was refused: {len(faults)} fault(s). Nothing of it was kept."
            " Ask the sender to mend them and try again:",
            faults,
        )
    if DECLARATION_PATH not in sources:
        raise refusal(
            package,
            f"is neither a bag (no bagit.txt) nor a folder that declares itself (no {DECLARATION_PATH})",
        )
    delivery = parse_declaration(sources[DECLARATION_PATH].read_bytes()).delivery
    sizes = {path: source.stat().st_size for path, source in sources.items()}
    total, done, digests = sum(sizes.values()), 0, {}
    _refuse_if_full(bag.parent, folder, total)
    for path, source in sorted(sources.items()):
        digests[path] = _taken(source, bag / "data" / path)
        done += sizes[path]
        if on_progress:
            on_progress(done, total)
    _write_tags(bag, delivery, digests, sizes, locked)
    return bag


def _refuse_if_full(scratch: Path, folder: Path, needed: int) -> None:
    free = shutil.disk_usage(scratch).free
    if scratch.stat().st_dev != folder.stat().st_dev and free < needed:
        raise HandoverError(
            f"The package needs {needed} bytes below {scratch.parent}, and {free} are free. Free some space and"
            " try again."
        )


def _taken(source: Path, target: Path) -> str:
    """Put a file at its place in the bag; its sha256. The vendor's own is only read."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            shutil.copyfile(source, target)
        with target.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise HandoverError(
            f"The file {source} can't be put into a bag ({error.strerror}). Mend that and try again."
        ) from error


def _write_tags(
    bag: Path,
    delivery: str,
    digests: Mapping[PurePosixPath, str],
    sizes: Mapping[PurePosixPath, int],
    locked: tuple[PurePosixPath, ...],
) -> None:
    """The tag files, by RFC 8493; the same files give the same bag, so no date is written."""
    payload = ((f"data/{path}", digest) for path, digest in sorted(digests.items()))
    tags = {
        "bagit.txt": BAGIT,
        "bag-info.txt": (
            f"External-Identifier: {delivery}\nPayload-Oxum: {sum(sizes.values())}.{len(sizes)}\n"
        ).encode(),
        "manifest-sha256.txt": _manifest(payload),
    }
    if locked:
        tags[LOCKED_MEMBERS] = json.dumps(sorted(map(str, locked)), ensure_ascii=False).encode()
    tags["tagmanifest-sha256.txt"] = _manifest(
        (name, hashlib.sha256(content).hexdigest()) for name, content in tags.items()
    )
    for name, content in tags.items():
        (bag / name).write_bytes(content)


def _manifest(entries: Iterable[tuple[str, str]]) -> bytes:
    lines = (f"{digest}  {path}".replace("\r", "%0D").replace("\n", "%0A") + "\n" for path, digest in entries)
    return "".join(lines).encode()
