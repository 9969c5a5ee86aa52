"""Parts that a tree names and does not hold: git submodules, modules of Maven and Gradle, workspaces of npm.

A named part must be there as files; whether it builds is not asked.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from handover.findings import Finding, finding
from handover.inventory.trees.manifests import json_mapping, local_name, xml_root
from handover.inventory.trees.reading import Reading

_INCLUDE = re.compile(r"\binclude\b\s*\(?\s*((?:[\"'][^\"'\n]+[\"']\s*,?\s*)+)")
_INCLUDED = re.compile(r"[\"']([^\"'\n]+)[\"']")
_MOVED = re.compile(
    r"project\(\s*[\"']([^\"'\n]+)[\"']\s*\)\.projectDir\s*=\s*(?:new\s+)?[Ff]ile\((?:\s*\w+\s*,)?\s*[\"']([^\"'\n]+)[\"']"
)
_COMMENT = re.compile(r"(?m)^[ \t]*//[^\n]*$|/\*.*?(?:\*/|\Z)", re.DOTALL)


@dataclass(frozen=True)
class NamedPart:
    """A part that the file ``named_in`` says the tree has: a path, or a pattern of npm's."""

    id: str
    kind: str
    named_in: PurePosixPath
    path: str


def parts_named(reading: Reading) -> Iterator[NamedPart]:
    """The parts that this file names."""
    match reading.path.name:
        case ".gitmodules":
            kind, finding_id, names = "git submodule", "HND-SRC-11", _submodules(reading)
        case "pom.xml":
            kind, finding_id, names = "Maven module", "HND-SRC-12", _maven(reading)
        case "settings.gradle" | "settings.gradle.kts":
            kind, finding_id, names = "Gradle project", "HND-SRC-12", _gradle(reading)
        case "package.json":
            kind, finding_id, names = "npm workspace", "HND-SRC-12", _npm(reading)
        case _:
            return
    for name in sorted(set(names)):
        yield NamedPart(finding_id, kind, reading.path, name)


def absent_parts(named: Iterable[NamedPart], paths: Iterable[PurePosixPath]) -> Iterator[Finding]:
    """Each named part of which the tree holds no file."""
    present = {str(each) for path in paths for each in (path, *path.parents)}
    for part in named:
        place = posixpath.normpath(posixpath.join(part.named_in.parent, part.path))
        found = fnmatch.filter(present, place) if "*" in place else place in present
        if not found:
            yield _absent(part)


def _absent(part: NamedPart) -> Finding:
    message = f"names the {part.kind} {part.path}, which the tree does not hold"
    if part.id == "HND-SRC-11":
        return finding("HND-SRC-11", part.named_in, message, part.path)
    return finding("HND-SRC-12", part.named_in, message, part.path)


def _submodules(reading: Reading) -> Iterator[str]:
    yield from re.findall(r"(?m)^[ \t]*path[ \t]*=[ \t]*(\S.*?)[ \t\r]*$", reading.text)


def _maven(reading: Reading) -> Iterator[str]:
    root = xml_root(reading)
    for each in root.iter() if root is not None else ():
        if local_name(each) == "module" and each.text and "${" not in each.text:
            yield each.text.strip()


def _gradle(reading: Reading) -> Iterator[str]:
    text = _COMMENT.sub("", reading.text)
    moved = {name.strip(":"): place for name, place in _MOVED.findall(text)}
    for names in _INCLUDE.findall(text):
        for name in _INCLUDED.findall(names):
            if "$" not in name:
                yield moved.get(name.strip(":")) or name.strip(":").replace(":", "/")


def _npm(reading: Reading) -> Iterator[str]:
    workspaces = json_mapping(reading).get("workspaces")
    if isinstance(workspaces, dict):
        workspaces = workspaces.get("packages")
    for each in workspaces if isinstance(workspaces, list) else ():
        if isinstance(each, str) and each and not each.startswith("!"):
            yield each
