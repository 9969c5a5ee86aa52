"""Walk a folder of unknown origin: which regular files are in it, and what else is.

Nothing is opened here, so that no pipe, device or link can do harm; reading is the business of others.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath


def regular_files(folder: Path, faults: list[str]) -> dict[PurePosixPath, Path]:
    """All files below the folder, by relative path, each with the path to read it from.

    A link counts as the file it leads to when that lies in the folder's ``data/``. Anything else (a link that
    leads elsewhere, a device, a pipe, a name that isn't UTF-8) becomes a fault and is never opened.
    """
    if not folder.is_dir() or folder.is_symlink():
        faults.append("there is no such folder (a bag is a folder, not a file or a link)")
        return {}
    found: dict[PurePosixPath, Path] = {}

    def unreadable(error: OSError) -> None:
        faults.append(f"{error.filename} can't be listed ({error.strerror})")

    for parent, folders, names in os.walk(folder, onerror=unreadable):
        folders.sort()
        for name in sorted([*names, *(each for each in folders if (Path(parent) / each).is_symlink())]):
            path = Path(parent) / name
            relative = PurePosixPath(path.relative_to(folder))
            source, fault = _regular(folder, path, relative)
            if fault:
                faults.append(fault)
            elif source:
                found[relative] = source
    return found


class SeenNames:
    """Paths seen so far, and which two of them would be one file where case or Unicode form doesn't count."""

    def __init__(self) -> None:
        self._spelled: dict[str, PurePosixPath] = {}
        self._known: set[PurePosixPath] = set()

    def clash(self, path: PurePosixPath) -> tuple[PurePosixPath, PurePosixPath] | None:
        """The earlier path and the one (this, or a folder of it) that is its other spelling; None if there's none."""
        for each in (path, *path.parents[:-1]):
            if each in self._known:
                return None
            earlier = self._spelled.setdefault(_without_form(each), each)
            if earlier != each:
                return earlier, each
        self._known |= {path, *path.parents[:-1]}
        return None


def name_clashes(paths: Iterable[PurePosixPath]) -> list[str]:
    """A sentence for each path whose name is another one's but for case or Unicode form."""
    seen = SeenNames()
    return [
        f"{twins[1]} has the name of {twins[0]} in another case or Unicode form; send it under another name"
        for path in paths
        if (twins := seen.clash(path)) is not None
    ]


def _without_form(path: PurePosixPath) -> str:
    """What macOS and Windows compare: composed, in one case."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(path)).casefold())


def _regular(folder: Path, path: Path, relative: PurePosixPath) -> tuple[Path | None, str | None]:
    """The file to read for a path, or the reason why there is none."""
    if not _is_utf8(str(relative)):
        return None, f"{str(relative).encode(errors='replace').decode()} has a name that isn't UTF-8"
    if path.is_symlink():
        target = path.resolve()
        if not target.is_relative_to(folder.resolve() / "data"):
            return None, f"{relative} is a link that leaves the bag's data; send the file itself"
        if not target.is_file():
            return None, f"{relative} is a link to a folder or to nothing; send the files themselves"
        return target, None
    if not stat.S_ISREG(path.lstat().st_mode):
        return None, f"{relative} is a device, pipe or socket, not a file"
    return path, None


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
