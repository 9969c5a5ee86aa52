"""Java archives (jar, war, ear): version and commit from the manifest and from ``git.properties``.

The keys of ``git.properties`` are those of git-commit-id-maven-plugin and gradle-git-properties.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from handover.inventory.archives import zip_member
from handover.inventory.packaging.claims import commit_of, versions_of
from handover.inventory.packaging.insides import Insides, InstallerType

MANIFEST = "META-INF/MANIFEST.MF"

_PROPERTIES = ("git.properties", "BOOT-INF/classes/git.properties", "WEB-INF/classes/git.properties")
_LINE = re.compile(r"^([\w.-]+)[ \t]*[:=][ \t]*(\S+)[ \t]*$", re.MULTILINE)
_VERSIONS = ("Implementation-Version", "Bundle-Version")
_COMMITS = (
    "Implementation-SCM-Revision",
    "SCM-Revision",
    "Git-Commit",
    "Git-Commit-Id",
    "Git-SHA",
    "Build-Revision",
    "Implementation-Build",
    "git.commit.id.full",
    "git.commit.id",
    "git.commit.id.abbrev",
)


def java_archive(found: InstallerType, location: Path, members: Mapping[str, object]) -> Insides:
    """What a Java archive of the type ``found`` says. Raises :class:`ArchiveUnreadableError`."""
    texts = [_unfolded(zip_member(location, name)) for name in (MANIFEST, *_PROPERTIES) if name in members]
    lines = dict(pair for text in reversed(texts) for pair in _pairs(text))
    version = next((lines[each] for each in _VERSIONS if each in lines), None)
    return Insides(found, versions_of(version), commit=commit_of(lines.get(each) for each in _COMMITS))


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for match in reversed(
        list(_LINE.finditer(text))
    ):  # the first of a key counts: the main section stands on top
        yield match[1], match[2]


def _unfolded(content: bytes) -> str:
    """The text with the lines joined that a manifest folds after 72 bytes."""
    text = content.decode("utf-8", errors="replace").replace("\r\n", "\n")
    return text.replace("\n ", "")
