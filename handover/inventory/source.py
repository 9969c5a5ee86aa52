"""What the source trees hold: files, languages, build files, licences, migrations, packages, tables, identity.

Each tree is read once (``trees.census``); what follows from its files together is judged here. Nothing is built or
run, and nothing is judged against other deliverables.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from handover.findings import Finding, finding
from handover.inventory.holdings import declared_paths, files_of
from handover.inventory.trees.bill_of_materials import cyclonedx
from handover.inventory.trees.census import Census
from handover.inventory.trees.commits import is_squashed
from handover.inventory.trees.dependencies import Dependency, merged
from handover.inventory.trees.generated import without_source
from handover.inventory.trees.history import History, history
from handover.inventory.trees.migrations import migrations_in_order, numbering
from handover.inventory.trees.modules import absent_parts
from handover.inventory.trees.swhid import tree_swhid
from handover.parts import Component, Deliverable
from handover.sealed import SealedDelivery, SealedFile

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

_LICENCE = re.compile(r"(licen[cs]e|copying|notice)([.-].*)?", re.IGNORECASE)


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

    ``swhid`` is git's own id of the tree (None where a file can't be read; ``trees.swhid`` says what it assumes);
    ``dependencies`` are the packages its manifests and locks name, ``tables`` the database tables its code names.
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
    history: History
    dependencies: tuple[Dependency, ...]
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


def bill_of_materials(tree: SourceTree) -> str:
    """The packages of a tree as a CycloneDX 1.6 document in JSON."""
    return cyclonedx(str(tree.component), tree.swhid, tree.dependencies)


def _inventory(component: Component, root: PurePosixPath, files: tuple[SealedFile, ...]) -> SourceTree:
    census = Census(root)
    for each in files:
        census.take(each)
    paths = [each.path for each in files]
    own = [path for path in paths if census.is_own(path)]
    tree = SourceTree(
        component=component,
        file_count=len(files),
        byte_count=sum(each.size for each in files),
        languages=_languages(census),
        build_files=tuple(BuildFile(path, tool) for path in paths if (tool := BUILD_FILES.get(path.name))),
        licence_files=tuple(path for path in paths if _LICENCE.fullmatch(path.name)),
        migrations=migrations_in_order(own),
        empty_files=tuple(each.path for each in files if each.size == 0 and not census.is_git(each.path)),
        swhid=tree_swhid(census.blobs, root) if len(census.blobs) == len(files) else None,
        history=history(paths, census.bundles),
        dependencies=merged(census.dependencies),
        tables=frozenset(census.tables),
        findings=(
            *census.findings,
            *numbering(own),
            *absent_parts(census.parts, paths),
            *without_source(census.generated, own),
        ),
    )
    if tree.history is History.PRESENT and is_squashed(files):
        message = "came with a history of a single commit"
        tree = replace(tree, findings=(*tree.findings, finding("HND-SRC-19", root, message)))
    return replace(tree, findings=(*tree.findings, *_tree_findings(root, tree, census)))


def _languages(census: Census) -> tuple[Language, ...]:
    counted = (Language(name, len(lines), sum(lines)) for name, lines in census.lines.items())
    return tuple(sorted(counted, key=lambda each: (-each.line_count, each.name)))


def _tree_findings(root: PurePosixPath, tree: SourceTree, census: Census) -> Iterator[Finding]:
    for path in tree.empty_files:
        if path.name not in RIGHTLY_EMPTY:
            yield finding("HND-SRC-02", path, "is empty")
    if not tree.languages:
        yield finding("HND-SRC-03", root, "holds no file in a language that we know")
    if not tree.build_files:
        message = "holds no build file (pom.xml, package.json, go.mod ...): nobody can build it as it is"
        yield finding("HND-SRC-04", root, message)
    if not tree.licence_files:
        yield finding("HND-SRC-05", root, "holds no licence file")
    if tree.history is History.ABSENT:
        yield finding("HND-SRC-13", root, "came without its history (neither .git nor a bundle)")
    if tree.history is History.SHALLOW:
        yield finding("HND-SRC-14", root, "came with a history that is cut off")
    if not census.guides:
        yield finding("HND-SRC-16", root, "has no guide that says how it is built")
