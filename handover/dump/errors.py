"""The one error of reading dumps, and the place in a dump it speaks of.

Its sentence names file, table and byte offset, what was expected and what was found. What a row holds never
appears in it; nothing that decides whether something is an error belongs here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from handover.errors import HandoverError

ASK_AGAIN = "ask the vendor for the dump again and compare its checksum"


@dataclass(frozen=True)
class Place:
    """Where in a dump: the file, the table (``schema.name``) and the byte offset in the file, where known.

    ``label`` is what people call the file, where its own name says nothing to them.
    """

    file: Path
    table: str | None = None
    offset: int | None = None
    label: str | None = None

    def __str__(self) -> str:
        """Read like ``support.dump, table tiemchung.mui_tiem, byte 4096``; odd characters are escaped."""
        table = None if self.table is None else "table " + printable(self.table)
        offset = None if self.offset is None else f"byte {self.offset}"
        return ", ".join(part for part in (printable(self.label or self.file.name), table, offset) if part)

    def at(self, offset: int) -> Place:
        """Return the same place at another offset."""
        return replace(self, offset=offset)

    def of(self, table: str) -> Place:
        """Return the place of a table in the same file."""
        return replace(self, table=table, offset=None)


class DumpError(HandoverError):
    """A dump can't be read; ``place``, ``expected`` and ``found`` say where and why, without any row content."""

    def __init__(self, place: Place, expected: str, found: str, remedy: str = ASK_AGAIN) -> None:
        self.place = place
        self.expected = expected
        self.found = found
        super().__init__(f"{place}: expected {expected}, found {found}; {remedy}.")


def refuse(place: Place, expected: str, found: str, remedy: str = ASK_AGAIN) -> NoReturn:
    """Raise :class:`DumpError`."""
    raise DumpError(place, expected, found, remedy) from None


def printable(name: str, limit: int = 130) -> str:
    """Return a name out of a dump, safe to print: control characters escaped, its length bounded."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)
    return shown if len(shown) <= limit else shown[:limit] + "…"
