"""Versions and commits as texts: cut to size, compared, and told from other texts.

Where they stand is known by the modules of each format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MAX_LENGTH = 60
"""Characters kept of a version."""

_COMMIT = re.compile(r"((?=[0-9]*[a-f]|.{40})[0-9a-f]{7,64})(?:-dirty)?", re.IGNORECASE)
_UNRELEASED = re.compile(r"(?:[-._+~](?:snapshot|debug|dev)[-.\d]*$)|~dev", re.IGNORECASE)


def versions_of(*texts: object) -> tuple[str, ...]:
    """The texts that are versions: not blank, of one line, cut to ``MAX_LENGTH``, each once."""
    kept = (each.strip()[:MAX_LENGTH] for each in texts if isinstance(each, str))
    return tuple(dict.fromkeys(each for each in kept if each and each.isprintable()))


def commit_of(texts: Iterable[object]) -> str | None:
    """The first text that is a commit's id, whole or shortened, in lower case.

    Digits alone are a commit only when there are 40 or more: fewer are a day or a count more often.
    """
    matches = (_COMMIT.fullmatch(each.strip()) for each in texts if isinstance(each, str))
    return next((each[1].lower() for each in matches if each), None)


def agree(version: str, carried: Iterable[str]) -> bool:
    """Whether one of the forms carried is the version; a leading ``v`` counts for nothing."""
    return version.strip().removeprefix("v") in {each.removeprefix("v") for each in carried}


def is_unreleased(version: str) -> bool:
    """Whether a version calls itself one under development (``3.2-SNAPSHOT``, ``3.2-debug``, ``3.2~dev1``)."""
    return _UNRELEASED.search(version) is not None
