"""Whether a source tree came with its history, and with words on how to build it.

The history is not read: whether its commits are those of the release is for git to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from pathlib import PurePosixPath

from handover.inventory.trees.reading import Reading


class History(StrEnum):
    """What came of a tree's history."""

    PRESENT = "present"
    SHALLOW = "shallow"
    BUNDLE = "bundle"
    ABSENT = "absent"


_BUNDLE = re.compile(rb"# v\d git bundle\n")
_GUIDES = re.compile(
    r"(readme|build(ing)?|install(ation)?|hacking|contributing|develop\w*|huong[-_ ]?dan.*)", re.I
)
_PROSE = {"", ".md", ".txt", ".rst", ".adoc", ".html", ".org"}
_BUILD_WORDS = re.compile(
    r"\b(?:build|compile|mvnw?|gradlew?|npm|yarn|pnpm|pip|make|cmake|docker|composer|go (?:build|install)|cargo"
    r"|flutter|dotnet|xcodebuild|poetry|uv)\b|biên dịch|đóng gói|xây dựng"
)


def history(paths: Iterable[PurePosixPath], bundles: Iterable[PurePosixPath]) -> History:
    """What came of the history: a ``.git`` with a HEAD (cut off where it says so), or a bundle of git's."""
    inside = {
        str(PurePosixPath(*path.parts[path.parts.index(".git") + 1 :]))
        for path in paths
        if ".git" in path.parts
    }
    if "HEAD" in inside:
        return History.SHALLOW if "shallow" in inside else History.PRESENT
    return History.BUNDLE if any(bundles) else History.ABSENT


def is_bundle(reading: Reading) -> bool:
    """Whether the file is a history that git packed."""
    return _BUNDLE.match(reading.head) is not None


def tells_how_to_build(reading: Reading) -> bool:
    """Whether the file is a guide with a word on building."""
    if reading.path.suffix.lower() not in _PROSE or not _GUIDES.fullmatch(reading.path.stem):
        return False
    return _BUILD_WORDS.search(unicodedata.normalize("NFC", reading.text).lower()) is not None
