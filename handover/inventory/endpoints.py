"""Whether a component's source has a recognisable form of the endpoints that its API document names.

Routes are put together in as many ways as there are frameworks, so only the words of a path are looked for, in any
spelling: what is not found is nowhere in the source, what is found may still be no route.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from handover.inventory.trees.reading import HEAD
from handover.sealed import SealedFile

_PROSE = {".md", ".markdown", ".txt", ".rst", ".adoc", ".html", ".htm", ".pdf", ".csv"}
_GENERIC = re.compile(r"api|rest|services?|public|internal|v\d+|\d+|")
"""Parts of a path that a gateway or a setting often puts before the others."""

_PARAMETER = re.compile(r"[{}<>:$%@~]")
_WORD = re.compile(rb"[A-Za-z][\w-]*")
_ROLE = re.compile(r"(?:controller|resource|handler|viewset|view|endpoint|service|routes?|router|api)$")


def endpoints_not_in(endpoints: Iterable[str], files: Iterable[SealedFile]) -> tuple[str, ...] | None:
    """Those endpoints of whose path a word is nowhere in the source; None where there is no source to look in.

    Reads the beginning of every file, and stops when everything was found. Raises OSError.
    """
    words = {each: frozenset(_words(each)) for each in endpoints}
    wanted = set().union(*words.values())
    is_there = False
    for file in files:
        if file.path.suffix.lower() in _PROSE:
            continue
        with file.location.open("rb") as content:
            head = content.read(HEAD)
        if b"\0" in head or not head:
            continue
        is_there = True
        if not wanted:
            break
        spelt = {_plain(each.decode()) for each in set(_WORD.findall(head))}
        wanted -= spelt | {_ROLE.sub("", each) for each in spelt}
    return tuple(_lost(words, wanted)) if is_there else None


def _lost(words: Mapping[str, frozenset[str]], wanted: set[str]) -> Iterator[str]:
    for endpoint, each in words.items():
        if each & wanted:
            yield endpoint


def _words(endpoint: str) -> Iterator[str]:
    for part in endpoint.split("/"):
        word = _plain(part.partition(".")[0])
        if word.isascii() and not _PARAMETER.search(part) and not _GENERIC.fullmatch(word):
            yield word


def _plain(word: str) -> str:
    return re.sub(r"[-_]", "", word).lower().removesuffix("s")
