"""Marks that a file is not finished: a merge that stopped halfway, or nothing but a promise of content.

Only the beginning of a file is looked at; files of zero bytes are the census's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from handover.findings import Finding, finding
from handover.inventory.trees.reading import Reading

PLACEHOLDER_LIMIT = 4096
"""Bytes above which a file is no placeholder."""

_CONFLICT = (b"<<<<<<<", b"=======", b">>>>>>>")
_DECORATION = re.compile(r"[\s#/*<>!\-;\"'=_.…:()\[\]{}]+")
_PROMISE = re.compile(
    r"(?:(?:todo|tbd|tba|fixme|xxx|place ?holder)(?: .{0,80})?"
    r"|lorem ipsum .*|lorem ipsum"
    r"|(?:this file is )?(?:to be (?:written|added|done|completed|updated)|coming soon|under construction)"
    r"|(?:nội dung )?(?:đang|sẽ|chờ) (?:được )?(?:cập nhật|bổ sung|hoàn thiện)(?: sau)?)",
    re.IGNORECASE,
)


def unfinished(reading: Reading) -> Iterator[Finding]:
    """The first conflict of a file, and the file that is a placeholder."""
    if reading.line_count is None:
        return
    if all(mark in reading.head for mark in _CONFLICT) and (line := _conflict(reading.head)):
        yield finding("HND-SRC-06", reading.path, "holds the marks of an unresolved merge", f"line {line}")
    if 0 < reading.size <= PLACEHOLDER_LIMIT and _is_promise(reading.text):
        yield finding("HND-SRC-07", reading.path, "holds only a promise of content")


def _conflict(content: bytes) -> int | None:
    """The line at which a whole conflict begins: its three marks at line starts, in their order."""
    begun, awaited = 0, 0
    for number, line in enumerate(content.splitlines(), start=1):
        if _is_mark(line, _CONFLICT[0]):
            begun, awaited = number, 1
        elif awaited and _is_mark(line, _CONFLICT[awaited]):
            if awaited == len(_CONFLICT) - 1:
                return begun
            awaited += 1
    return None


def _is_mark(line: bytes, mark: bytes) -> bool:
    return line == mark or line.startswith(mark + b" ")


def _is_promise(text: str) -> bool:
    return _PROMISE.fullmatch(_DECORATION.sub(" ", text).strip()) is not None
