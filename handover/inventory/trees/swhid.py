"""The identity of a source tree: Software Heritage's id, which holds git's own id of the same tree.

Pure arithmetic over paths and blob ids (https://www.swhid.org/specification/, section "Directories");
reading the files is the business of ``reading``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from pathlib import PurePosixPath


class Mode(StrEnum):
    """What git writes about an entry of a folder."""

    ORDINARY = "100644"
    EXECUTABLE = "100755"
    LINK = "120000"
    FOLDER = "40000"


NO_MODES: Mapping[PurePosixPath, Mode] = {}
"""Every file is an ordinary one."""


def tree_swhid(
    blobs: Mapping[PurePosixPath, str], root: PurePosixPath, modes: Mapping[PurePosixPath, Mode] = NO_MODES
) -> str:
    """``swh:1:dir:<id>`` of the folder ``root``, from the blob ids of the files below it.

    Equals ``git write-tree`` over the same files. As git does, it knows no empty folders and leaves out
    whatever lies in a ``.git``. A bag keeps neither executable bits nor links, so a file that ``modes``
    does not name counts as ordinary: a tree that has such files gets its upstream id only with ``modes``.
    """
    folders: dict[PurePosixPath, dict[bytes, bytes]] = defaultdict(dict)
    folders[root] = {}
    for path, blob_id in blobs.items():
        if ".git" not in path.relative_to(root).parts:
            mode = modes.get(path, Mode.ORDINARY)
            folders[path.parent][path.name.encode()] = _entry(mode, path.name, blob_id)
            for parent in path.parents[: len(path.parts) - len(root.parts)]:
                folders.setdefault(parent, {})  # a folder may hold folders alone
    deepest_first = sorted(folders, key=lambda each: len(each.parts), reverse=True)
    for folder in deepest_first[:-1]:
        # git sorts folders as if their names ended in a slash
        entry = _entry(Mode.FOLDER, folder.name, _tree_id(folders[folder]))
        folders[folder.parent][folder.name.encode() + b"/"] = entry
    return f"swh:1:dir:{_tree_id(folders[root])}"


def _entry(mode: Mode, name: str, object_id: str) -> bytes:
    return f"{mode} {name}\0".encode() + bytes.fromhex(object_id)


def _tree_id(entries: Mapping[bytes, bytes]) -> str:
    body = b"".join(entry for _, entry in sorted(entries.items()))
    return hashlib.sha1(b"tree %d\0" % len(body) + body, usedforsecurity=False).hexdigest()
