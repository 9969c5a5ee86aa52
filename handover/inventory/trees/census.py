"""What is gathered of a tree file by file, in one pass: the facts that the questions about the whole tree need.

Each file is asked what it holds by itself; what follows from all of them together is the business of ``source``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from handover.findings import Finding, finding
from handover.inventory.languages import language_of
from handover.inventory.trees.binaries import compiled
from handover.inventory.trees.credentials import secrets
from handover.inventory.trees.dependencies import Dependency, dependencies_named
from handover.inventory.trees.generated import GeneratedCode, generated
from handover.inventory.trees.history import is_bundle, tells_how_to_build
from handover.inventory.trees.manifests import KEPT, is_manifest, unreadable
from handover.inventory.trees.marks import unfinished
from handover.inventory.trees.modules import NamedPart, parts_named
from handover.inventory.trees.reading import HEAD, Reading, read_once
from handover.inventory.trees.tables import tables_named
from handover.sealed import SealedFile

FETCHED = {"node_modules", "vendor", "bower_components", "site-packages"}
"""Folders that a build fetches: what manifests name there is not this tree's own."""

GIT_SECRETS = {"config", ".git-credentials", "credentials"}
"""Files in a ``.git`` that may hold a secret; the others there are git's own."""

FILE_CHECKS = (unfinished, secrets, compiled)
"""What each file is asked by itself."""


@dataclass
class Census:
    """Facts by file, and the findings of single files, of the tree that is the folder ``root``."""

    root: PurePosixPath
    blobs: dict[PurePosixPath, str] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    tables: set[str] = field(default_factory=set)
    parts: list[NamedPart] = field(default_factory=list)
    dependencies: list[Dependency] = field(default_factory=list)
    bundles: list[PurePosixPath] = field(default_factory=list)
    guides: list[PurePosixPath] = field(default_factory=list)
    generated: list[GeneratedCode] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def is_git(self, path: PurePosixPath) -> bool:
        """Whether the file is git's and not the tree's."""
        return ".git" in path.relative_to(self.root).parts

    def is_own(self, path: PurePosixPath) -> bool:
        """Whether the file is the tree's, and not one that a build fetches."""
        return not ({".git"} | FETCHED) & set(path.relative_to(self.root).parts)

    def take(self, file: SealedFile) -> None:
        """Read one file and ask it everything."""
        try:
            reading = read_once(file, KEPT if is_manifest(file.path) else HEAD)
        except OSError as error:
            message = f"can't be read from the vault ({error.strerror}); run the vault's verification"
            self.findings.append(finding("HND-SRC-01", file.path, message))
            return
        self.blobs[file.path] = reading.blob_id
        if self.is_git(file.path):
            self.findings += secrets(reading) if file.path.name in GIT_SECRETS else ()
            return
        self.findings += (found for look in FILE_CHECKS for found in look(reading))
        self._gather(reading)

    def _gather(self, reading: Reading) -> None:
        name = language_of(reading.path)
        if name and reading.line_count is not None:
            self.lines[name].append(reading.line_count)
        self.tables |= tables_named(reading)
        self.bundles += _if(is_bundle(reading), reading)
        self.guides += _if(tells_how_to_build(reading), reading)
        if self.is_own(reading.path):
            self.generated += generated(reading)
            self.parts += parts_named(reading)
            self.dependencies += dependencies_named(reading)
            self.findings += unreadable(reading)


def _if(is_so: bool, reading: Reading) -> Iterator[PurePosixPath]:
    if is_so:
        yield reading.path
