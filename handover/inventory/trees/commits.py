"""The newest commit of a history that came as a ``.git`` folder, and whether anything lies before it.

Read from git's own files (``gitrepository-layout``, ``gitformat-pack`` version 2), bounded; git isn't run. What cannot
be read says nothing.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from handover.sealed import SealedFile

MOST_BYTES = 1 << 20
"""Of a ref, of the list of refs, or of a commit: what is read of each."""

_ID = re.compile(rb"[0-9a-f]{40}")
_PARENT = re.compile(rb"^parent [0-9a-f]{40}$", re.MULTILINE)
_INDEX_MAGIC = b"\xfftOc\0\0\0\x02"
_NAMES_AT = 8 + 4 * 256
_COMMIT = 1  # OBJ_COMMIT; a lone commit is never stored as a difference, having none to differ from


def is_squashed(files: Iterable[SealedFile]) -> bool:
    """Whether the history's newest commit is also its first: all work before it was thrown away or left out."""
    inside = _git_folder(files)
    try:
        commit = _newest(inside)
        content = _content(inside, commit) if commit else None
    except (OSError, zlib.error, struct.error, ValueError):
        return False
    if content is None:
        return False
    head, _, _ = content.partition(b"\n\n")
    return b"tree " in head and not _PARENT.search(head)


def _git_folder(files: Iterable[SealedFile]) -> Mapping[str, Path]:
    """The files of the outermost ``.git``, by their path within it."""
    found = [(each.path.parts.index(".git"), each) for each in files if ".git" in each.path.parts]
    depth = min((at for at, _ in found), default=0)
    return {
        str(PurePosixPath(*each.path.parts[at + 1 :])): each.location for at, each in found if at == depth
    }


def _newest(inside: Mapping[str, Path]) -> str | None:
    """The id of the commit that HEAD names, itself or by a branch."""
    head = _read(inside.get("HEAD")).strip()
    if head.startswith(b"ref: "):
        name = head[5:].decode("utf-8", "replace").strip()
        head = _read(inside.get(name)).strip() or _packed_refs(inside).get(name.encode(), b"")
    return head.decode() if _ID.fullmatch(head) else None


def _packed_refs(inside: Mapping[str, Path]) -> dict[bytes, bytes]:
    """Commits by the branches and tags that git keeps in one file."""
    lines = (line.partition(b" ") for line in _read(inside.get("packed-refs")).splitlines())
    return {name: commit for commit, _, name in lines if _ID.fullmatch(commit)}


def _content(inside: Mapping[str, Path], commit: str) -> bytes | None:
    """The commit's text: from its own file, or from the pack whose index names it."""
    if loose := inside.get(f"objects/{commit[:2]}/{commit[2:]}"):
        return _inflated(_read(loose)).partition(b"\0")[2]
    for name, index in inside.items():
        pack = inside.get(f"{name[:-4]}.pack")
        if name.startswith("objects/pack/") and name.endswith(".idx") and pack:
            offset = _offset(index, bytes.fromhex(commit))
            if offset is not None:
                return _packed(pack, offset)
    return None


def _offset(index: Path, commit: bytes) -> int | None:
    with index.open("rb") as file:
        if file.read(8) != _INDEX_MAGIC:
            return None
        fanout = (0, *struct.unpack(">256I", file.read(4 * 256)))
        total = fanout[256]
        low, high = fanout[commit[0]], fanout[commit[0] + 1]
        while low < high:
            middle = (low + high) // 2
            file.seek(_NAMES_AT + 20 * middle)
            found = file.read(20)
            if found == commit:
                file.seek(_NAMES_AT + 24 * total + 4 * middle)
                (offset,) = struct.unpack(">I", file.read(4))
                return int(offset) if offset < 1 << 31 else None  # packs of more than 2 GiB: not looked at
            low, high = (middle + 1, high) if found < commit else (low, middle)
    return None


def _packed(pack: Path, offset: int) -> bytes | None:
    with pack.open("rb") as file:
        file.seek(offset)
        content = file.read(MOST_BYTES)
    if not content or (content[0] >> 4) & 7 != _COMMIT:
        return None
    at = next((at for at, byte in enumerate(content[:10]) if not byte & 0x80), 9) + 1
    return _inflated(content[at:])


def _inflated(content: bytes) -> bytes:
    return zlib.decompressobj().decompress(content, MOST_BYTES)


def _read(path: Path | None) -> bytes:
    if path is None:
        return b""
    with path.open("rb") as file:
        return file.read(MOST_BYTES)
