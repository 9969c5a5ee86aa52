"""Whether the history that came with a source tree has a commit, as far as the files in its ``.git`` tell.

Looks the id up among git's objects: loose ones by their path, packed ones in the packs' indexes (``gitformat-pack``,
version 2). Whether a branch or tag still leads to the commit isn't looked at; git isn't run.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path, PurePosixPath

from handover.inventory.archives import ArchiveUnreadableError, readable
from handover.sealed import SealedFile


class Standing(StrEnum):
    """What a history says of a commit."""

    THERE = "there"
    NOT_THERE = "not_there"
    UNTOLD = "untold"


_LOOSE = re.compile(r"objects/([0-9a-f]{2})/([0-9a-f]{38})")
_PACK = re.compile(r"(objects/pack/pack-[0-9a-f]+)\.(pack|idx)")
_INDEX_MAGIC = b"\xfftOc\0\0\0\x02"
_ID_BYTES, _ID_DIGITS = 20, 40
_NAMES_AT = 8 + 4 * 256


def standing(commit: str, source: Iterable[SealedFile]) -> Standing:
    """What the ``.git`` among a source's files says of a commit (7 to 40 hex digits, lower case).

    UNTOLD where none came, where it is cut off or leans on another repository, or where its packs can't be
    searched: then a commit that isn't found may be in what didn't come.
    """
    inside = {name: each.location for each in source if (name := _inside(each.path))}
    packs = {match.groups() for match in map(_PACK.fullmatch, inside) if match}
    loose = {match[1] + match[2] for match in map(_LOOSE.fullmatch, inside) if match}
    try:
        if any(each.startswith(commit) for each in loose):
            return Standing.THERE
        indexes = [inside[f"{stem}.idx"] for stem, kind in sorted(packs) if kind == "idx"]
        if len(commit) <= _ID_DIGITS and any(_is_indexed(each, commit) for each in indexes):
            return Standing.THERE
    except (ArchiveUnreadableError, OSError):
        return Standing.UNTOLD
    is_whole = all((stem, "idx") in packs for stem, _ in packs) and _stands_alone(inside)
    return Standing.NOT_THERE if is_whole and (loose or packs) and len(commit) <= 40 else Standing.UNTOLD


def _inside(path: PurePosixPath) -> str | None:
    """The path within the ``.git`` that a file lies in."""
    parts = path.parts
    return "/".join(parts[parts.index(".git") + 1 :]) if ".git" in parts else None


def _stands_alone(inside: Mapping[str, Path]) -> bool:
    return "HEAD" in inside and not {"shallow", "objects/info/alternates"} & inside.keys()


def _is_indexed(index: Path, commit: str) -> bool:
    """Whether an object's id in a pack's index begins like the commit; the ids are sorted."""
    with readable(), index.open("rb") as file:
        if file.read(8) != _INDEX_MAGIC:
            raise ArchiveUnreadableError("is an index of packed objects of another version")
        fanout = (0, *struct.unpack(">256I", file.read(4 * 256)))
        first = int(commit[:2], 16)
        low, high = fanout[first], fanout[first + 1]
        if not low <= high <= (index.stat().st_size - _NAMES_AT) // _ID_BYTES:
            raise ArchiveUnreadableError("is an index that claims more objects than it names")
        while low < high:
            middle = (low + high) // 2
            file.seek(_NAMES_AT + _ID_BYTES * middle)
            found = file.read(_ID_BYTES).hex()[: len(commit)]
            if found == commit:
                return True
            low, high = (middle + 1, high) if found < commit else (low, middle)
    return False
