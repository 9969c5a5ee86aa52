"""What the source trees hold: files, languages, build files, licences, migrations, empty files.

A census by name and line, per component; nothing is built, run or judged against other deliverables here.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from handover.findings import Finding, finding
from handover.inventory.holdings import declared_paths, files_of
from handover.inventory.languages import language_of
from handover.inventory.trees.binaries import compiled
from handover.inventory.trees.credentials import secrets
from handover.inventory.trees.marks import unfinished
from handover.inventory.trees.reading import Reading, read_once
from handover.inventory.trees.swhid import tree_swhid
from handover.inventory.trees.tables import tables_named
from handover.parts import Component, Deliverable
from handover.vault import SealedDelivery, SealedFile

BUILD_FILES = {
    "pom.xml": "Maven",
    "build.gradle": "Gradle",
    "build.gradle.kts": "Gradle",
    "package.json": "npm",
    "pyproject.toml": "Python",
    "setup.py": "Python",
    "requirements.txt": "Python",
    "go.mod": "Go",
    "composer.json": "Composer",
    "Gemfile": "Bundler",
    "Cargo.toml": "Cargo",
    "pubspec.yaml": "Flutter",
    "Package.swift": "Swift",
    "Podfile": "CocoaPods",
    "CMakeLists.txt": "CMake",
    "Makefile": "make",
    "Dockerfile": "Docker",
    "docker-compose.yml": "Docker Compose",
    "compose.yaml": "Docker Compose",
    "Chart.yaml": "Helm",
}
"""File names that say how a tree is built, and with what."""

RIGHTLY_EMPTY = {"__init__.py", "py.typed", ".gitkeep", ".keep", ".nojekyll"}
"""Names under which an empty file is customary."""

FILE_CHECKS = (unfinished, secrets, compiled)
"""What each file is asked by itself."""

_LICENCE = re.compile(r"(licen[cs]e|copying|notice)([.-].*)?", re.IGNORECASE)
_VERSIONED = re.compile(r"[Vv]?(\d+(?:[._]\d+)*)_{1,2}.*\.(sql|py|java|js|ts|php|xml|ya?ml)")
_MIGRATION_FOLDERS = {"migrations", "migration", "migrate", "changelog"}


@dataclass(frozen=True)
class Language:
    """One language: its text files and their lines."""

    name: str
    file_count: int
    line_count: int


@dataclass(frozen=True)
class BuildFile:
    """A file that says how to build, and the tool that reads it."""

    path: PurePosixPath
    tool: str


@dataclass(frozen=True)
class SourceTree:
    """One component's source tree. Paths are relative to ``data/``; migrations stand in the order they run.

    ``swhid`` is None where a file can't be read; ``tables`` are those that the code names.
    """

    component: Component
    file_count: int
    byte_count: int
    languages: tuple[Language, ...]
    build_files: tuple[BuildFile, ...]
    licence_files: tuple[PurePosixPath, ...]
    migrations: tuple[PurePosixPath, ...]
    empty_files: tuple[PurePosixPath, ...]
    swhid: str | None
    tables: frozenset[str]
    findings: tuple[Finding, ...]


def inventory_source(delivery: SealedDelivery) -> tuple[SourceTree, ...]:
    """The source tree of every component that has one, in the order of ``Component``."""
    found = ((each, files_of(delivery, each, Deliverable.SOURCE)) for each in Component)
    return tuple(
        _inventory(component, _root(delivery, component, files), files) for component, files in found if files
    )


def _root(delivery: SealedDelivery, component: Component, files: tuple[SealedFile, ...]) -> PurePosixPath:
    """The folder that is the tree: the narrowest declared or customary one with all the files below it."""
    declared = declared_paths(delivery, component, Deliverable.SOURCE)
    folders = {PurePosixPath(Deliverable.SOURCE, component), *declared}
    whole = [each for each in folders if all(each in file.path.parents for file in files)]
    common = PurePosixPath(posixpath.commonpath([file.path.parent for file in files]))
    return max(whole, key=lambda each: len(each.parts), default=common)


def _inventory(component: Component, root: PurePosixPath, files: tuple[SealedFile, ...]) -> SourceTree:
    findings: list[Finding] = []
    census, tables = _Census(), set[str]()
    for each in files:
        try:
            reading = read_once(each)
        except OSError as error:
            message = f"can't be read from the vault ({error.strerror}); run the vault's verification"
            findings.append(finding("HND-SRC-01", each.path, message))
            continue
        census.count(reading)
        if ".git" not in each.path.parts or each.path.name == "config":
            findings += (found for look in FILE_CHECKS for found in look(reading))
            tables |= tables_named(reading)
    languages = census.languages()
    builds = tuple(BuildFile(each.path, tool) for each in files if (tool := BUILD_FILES.get(each.path.name)))
    licences = tuple(each.path for each in files if _LICENCE.fullmatch(each.path.name))
    empty = tuple(each.path for each in files if each.size == 0)
    findings += [finding("HND-SRC-02", path, "is empty") for path in empty if path.name not in RIGHTLY_EMPTY]
    findings += _tree_findings(root, languages, builds, licences)
    return SourceTree(
        component=component,
        file_count=len(files),
        byte_count=sum(each.size for each in files),
        languages=languages,
        build_files=builds,
        licence_files=licences,
        migrations=migrations_in_order(each.path for each in files),
        empty_files=empty,
        swhid=tree_swhid(census.blobs, root) if len(census.blobs) == len(files) else None,
        tables=frozenset(tables),
        findings=tuple(findings),
    )


def migrations_in_order(paths: Iterable[PurePosixPath]) -> tuple[PurePosixPath, ...]:
    """The database migrations among the paths, folder by folder, each folder's by version number.

    A migration has a numbered name (Flyway's ``V1_2__x.sql``, ``0001_x.py``) and is either in a folder named
    for migrations or starts with ``V<number>__``.
    """
    found = []
    for path in paths:
        match = _VERSIONED.fullmatch(path.name)
        if match and (_MIGRATION_FOLDERS & set(path.parts[:-1]) or re.match(r"V\d[\d._]*__", path.name)):
            version = tuple(int(number) for number in re.split(r"[._]", match[1]))
            found.append((path.parent, version, path))
    return tuple(path for _, _, path in sorted(found))


class _Census:
    """What is gathered file by file."""

    def __init__(self) -> None:
        self.blobs: dict[PurePosixPath, str] = {}
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])

    def count(self, reading: Reading) -> None:
        self.blobs[reading.path] = reading.blob_id
        name = language_of(reading.path)
        if name and reading.line_count is not None:
            self._counts[name][0] += 1
            self._counts[name][1] += reading.line_count

    def languages(self) -> tuple[Language, ...]:
        ranked = sorted(self._counts.items(), key=lambda item: (-item[1][1], item[0]))
        return tuple(Language(name, *pair) for name, pair in ranked)


def _tree_findings(
    root: PurePosixPath,
    languages: tuple[Language, ...],
    builds: tuple[BuildFile, ...],
    licences: tuple[PurePosixPath, ...],
) -> list[Finding]:
    findings = []
    if not languages:
        message = "holds no file in a language that we know"
        findings.append(finding("HND-SRC-03", root, message))
    if not builds:
        message = "holds no build file (pom.xml, package.json, go.mod ...): nobody can build it as it is"
        findings.append(finding("HND-SRC-04", root, message))
    if not licences:
        findings.append(finding("HND-SRC-05", root, "holds no licence file"))
    return findings
