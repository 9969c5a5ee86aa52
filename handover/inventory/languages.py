"""Which language a source file is written in, by its name, and how many lines it has.

Names come from pygments; nothing is parsed. What a source tree must hold is the business of ``source``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path, PurePosixPath

from pygments.lexers import find_lexer_class_for_filename

OWN_NAMES = {"go.mod": "Go module", ".sql": "SQL", ".txt": "Text"}
"""Where the name alone misleads pygments: it takes ``go.mod`` for Modula-2, any SQL for one vendor's."""

CHUNK = 1 << 20
"""Bytes read at a time."""

BINARY_PROBE = 8192
"""Bytes looked at for a zero byte, which marks a binary file (git's rule, with git's length)."""


def language_of(path: PurePosixPath) -> str | None:
    """The language's name, or None where the file's name tells none."""
    return OWN_NAMES.get(path.name) or OWN_NAMES.get(path.suffix) or _by_name(_pattern(path))


def text_lines(location: Path) -> int | None:
    """Lines of a text file, a last one without an end counted; None for a binary file. Raises OSError."""
    lines, last = 0, b""
    with location.open("rb") as file:
        if b"\0" in file.read(BINARY_PROBE):
            return None
        file.seek(0)
        while chunk := file.read(CHUNK):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return lines + (last not in (b"", b"\n"))


def _pattern(path: PurePosixPath) -> str:
    """One name that stands for all files of its kind, so that each kind is looked up once."""
    return f"any{''.join(path.suffixes[-2:])}" if path.suffix else path.name


@lru_cache(maxsize=4096)
def _by_name(name: str) -> str | None:
    lexer = find_lexer_class_for_filename(name)
    return str(lexer.name) if lexer else None
