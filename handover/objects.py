"""The vault's disk: objects named by their sha256, and files and folders that appear whole or not at all.

Everything is written under a temporary name in ``incoming/``, flushed to the disk and renamed. What the
objects mean, and which of them a delivery needs, is the vault's business.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from handover.bag import BagFile, Progress, copy_checked
from handover.errors import HandoverError

WRITERS = 4
"""Files kept at once; hashing and writing run outside the interpreter's lock, so two cores are busy."""


class ObjectStore:
    """Objects below ``root/objects``; one writer at a time, others wait."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._objects = root / "objects"
        self._incoming = root / "incoming"
        self._unsettled: set[Path] = set()

    def path(self, sha256: str) -> Path:
        """Where the object of that digest lies, or would lie."""
        return self._objects / sha256[:2] / sha256

    def keep_all(self, files: Sequence[BagFile], on_progress: Progress | None = None) -> tuple[str, ...]:
        """Keep many, several at once: one is hashed while another waits for the disk; the faults in their order."""
        total, done, faults = sum(each.size for each in files), 0, []
        with ThreadPoolExecutor(WRITERS) as pool:
            for file, fault in zip(files, pool.map(self.keep, files), strict=True):
                done += file.size
                if fault:
                    faults.append(fault)
                if on_progress:
                    on_progress(done, total)
        return tuple(faults)

    def keep(self, file: BagFile) -> str | None:
        """Make a bag's file an object while checking it; the fault as a sentence, or None.

        Where the object is there already, the bag's own copy is still checked. Its place is durable once
        :meth:`settle` was called. OSError when the disk fails.
        """
        target = self.path(file.digests["sha256"])
        if target.is_file() and target.stat().st_size == file.size:
            return copy_checked(file, None)
        handle, name = tempfile.mkstemp(dir=self._incoming)
        with os.fdopen(handle, "wb") as copy:
            fault = copy_checked(file, copy)
            _settle(copy.fileno(), copy.flush)
        if fault is None:
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(name).replace(target)
            self._unsettled |= {target.parent, self._objects}
        else:
            Path(name).unlink()
        return fault

    def settle(self) -> None:
        """Make the places of all objects kept since the last call durable: before a seal names them."""
        while self._unsettled:
            _sync_folder(self._unsettled.pop())

    def place(self, content: bytes, target: Path) -> None:
        """Let a small file appear whole, in place of an earlier one of that name."""
        handle, name = tempfile.mkstemp(dir=self._incoming)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            _settle(file.fileno(), file.flush)
        _appear(Path(name), target)

    def place_folder(self, files: dict[str, bytes], target: Path) -> None:
        """Let a folder of small files appear whole, by one rename."""
        prepared = Path(tempfile.mkdtemp(dir=self._incoming))
        prepared.chmod(0o755)
        for name, content in files.items():
            self.place(content, prepared / name)
        _appear(prepared, target)

    def remove_folder(self, folder: Path) -> None:
        """Let a folder of ours vanish by one rename."""
        folder.rename(Path(tempfile.mkdtemp(dir=self._incoming)) / folder.name)

    def problem(self, sha256: str) -> str | None:
        """Read an object to its end; ``missing``, ``unreadable``, ``changed`` or None."""
        try:
            with self.path(sha256).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            return "missing"
        except OSError:
            return "unreadable"
        return None if found == sha256 else "changed"

    def refuse_if_full(self, needed: int) -> None:
        """Raise :class:`HandoverError` when fewer than ``needed`` bytes are free."""
        free = shutil.disk_usage(self._incoming).free
        if free < needed:
            raise HandoverError(
                f"The vault needs {needed} bytes for this bag, and {free} are free. Free some space and try"
                " again."
            )

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the vault for one change; what an earlier, killed one left unfinished is swept first.

        Raises :class:`HandoverError` when the disk fails; the vault is then as it was.
        """
        try:
            for each in (self._objects, self._incoming):
                each.mkdir(parents=True, exist_ok=True)
            with (self._root / "lock").open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                shutil.rmtree(self._incoming)
                self._incoming.mkdir()
                yield
        except OSError as error:
            raise HandoverError(
                f"The vault {self._root} can't be written ({error.strerror}). Nothing was registered:"
                " mend that and try again."
            ) from error


def _settle(handle: int, flush: Callable[[], None]) -> None:
    """Make a written file read-only and durable."""
    flush()
    os.fchmod(handle, 0o444)
    os.fsync(handle)


def _appear(prepared: Path, target: Path) -> None:
    """Rename a finished file or folder to its place and make the rename durable."""
    target.parent.mkdir(parents=True, exist_ok=True)
    prepared.replace(target)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
