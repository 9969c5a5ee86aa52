"""One file of a source tree, read once and in bounded memory: its git id, its lines, its beginning.

Every other module here judges what is gathered in this one pass; nothing is judged here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from handover.inventory.languages import BINARY_PROBE, CHUNK
from handover.sealed import SealedFile

HEAD = 1 << 20
"""Bytes of a file that content checks see."""


@dataclass(frozen=True)
class Reading:
    """A file's facts: ``blob_id`` is git's (40 hex digits); ``head`` its first bytes, all of them unless cut.

    ``line_count`` counts a last line without an end, and is None for a binary file.
    """

    path: PurePosixPath
    size: int
    blob_id: str
    line_count: int | None
    head: bytes

    @property
    def is_whole(self) -> bool:
        """Whether ``head`` is the whole file."""
        return len(self.head) == self.size

    @cached_property
    def folded(self) -> bytes:
        """The beginning with ASCII letters in lower case, to look for words in."""
        return self.head.lower()

    @cached_property
    def text(self) -> str:
        """The beginning as text; what is not UTF-8 shows as U+FFFD. A byte order mark is left out."""
        return self.head.decode("utf-8-sig", errors="replace")


def read_once(file: SealedFile, keep: int = HEAD) -> Reading:
    """Read the file to its end, keeping its first ``keep`` bytes. Raises OSError."""
    digest = hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    head = bytearray()
    lines, last, is_binary = 0, b"", False
    with file.location.open("rb") as content:
        while chunk := content.read(CHUNK):
            is_binary |= not last and b"\0" in chunk[:BINARY_PROBE]
            digest.update(chunk)
            head += chunk[: max(0, keep - len(head))]
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    line_count = None if is_binary else lines + (last not in (b"", b"\n"))
    return Reading(file.path, file.size, digest.hexdigest(), line_count, bytes(head))
