"""The database migrations of a source tree: their order, and what their numbers give away.

Names alone are looked at; what a migration does is nobody's business here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from handover.findings import Finding, finding

HIGHEST_NUMBER = 9999
"""Above it a version is a date or a time, and holes are its nature."""

HOLES_TOLD = 20
"""Missing numbers named in one finding."""

_VERSIONED = re.compile(r"([VvUu]?)(\d+(?:[._]\d+)*)_{1,2}.*\.(sql|py|java|js|ts|php|xml|ya?ml)")
_MIGRATION_FOLDERS = {"migrations", "migration", "migrate", "changelog"}
_DIRECTION = re.compile(r"\.(up|down|undo)\.")


@dataclass(frozen=True, order=True)
class Migration:
    """One migration: folder, version number by number, path. ``way`` tells a step back from a step forth."""

    folder: PurePosixPath
    version: tuple[int, ...]
    path: PurePosixPath
    way: str


def migrations_in_order(paths: Iterable[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    """The database migrations among the paths, folder by folder, each folder's by version number.

    A migration has a numbered name (Flyway's ``V1_2__x.sql``, ``0001_x.py``) and is either in a folder named
    for migrations or starts with ``V<number>__``.
    """
    return tuple(each.path for each in sorted(_migrations(paths)))


def numbering(paths: Iterable[PurePosixPath]) -> Iterator[Finding]:
    """Numbers that are missing from a folder's migrations, and numbers given twice.

    Only whole numbers up to ``HIGHEST_NUMBER`` can have holes, in steps of ten where all are tens; a number
    that a folder beside it has (one per database product) is not missing.
    """
    folders: dict[PurePosixPath, list[Migration]] = defaultdict(list)
    beside: dict[PurePosixPath, set[tuple[int, ...]]] = defaultdict(set)
    for each in sorted(_migrations(paths)):
        folders[each.folder].append(each)
        beside[each.folder.parent].add(each.version)
    for folder, found in folders.items():
        if holes := _holes(found, beside[folder.parent] | beside[folder]):
            named = ", ".join(map(str, holes[:HOLES_TOLD])) + (" ..." if len(holes) > HOLES_TOLD else "")
            yield finding("HND-SRC-09", folder, f"lacks {len(holes)} migrations between its own", named)
        yield from _twice(found)


def _migrations(paths: Iterable[PurePosixPath]) -> Iterator[Migration]:
    for path in paths:
        match = _VERSIONED.fullmatch(path.name)
        if match and (_MIGRATION_FOLDERS & set(path.parts[:-1]) or re.match(r"V\d[\d._]*__", path.name)):
            version = tuple(int(number) for number in re.split(r"[._]", match[2]))
            direction = _DIRECTION.search(path.name)
            undoes = match[1] in ("U", "u") or (direction and direction[1] != "up")
            yield Migration(path.parent, version, path, "back" if undoes else "forth")


def _holes(found: list[Migration], present: set[tuple[int, ...]]) -> list[int]:
    numbers = [each.version[0] for each in found]
    if any(len(each.version) > 1 for each in found) or numbers[-1] > HIGHEST_NUMBER:
        return []
    step = 10 if all(number % 10 == 0 for number in numbers) else 1
    return [each for each in range(numbers[0], numbers[-1], step) if (each,) not in present]


def _twice(found: list[Migration]) -> Iterator[Finding]:
    """A number that two files of one folder have; Django's branches, merged by a later file, are none."""
    if any(each.path.suffix == ".py" and "merge" in each.path.stem for each in found):
        return
    first: dict[tuple[tuple[int, ...], str, str], Migration] = {}
    for each in found:
        key = (each.version, each.way, each.path.suffix)
        if other := first.get(key):
            yield finding("HND-SRC-10", each.path, "has the number of another migration", other.path.name)
        first.setdefault(key, each)
