"""The text of a SQL script, read forward in bounded memory: statements, lines, rows of COPY, runs of INSERTs.

Ends are where psql would see them: quotes, dollar quotes, comments and function bodies are understood. What a
statement says belongs to others.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from handover.dump.errors import Place, refuse
from handover.dump.script_commands import Command
from handover.dump.script_tokens import (
    COMMENT_ENDS,
    INSIDE,
    OPENING,
    TOKENS,
    Body,
    StatementText,
    run_of_inserts,
)
from handover.dump.source import LONGEST_HEADER

WINDOW = 1 << 20
LARGEST_STATEMENT = 64 << 20

_CLOSING = b"\\.\n"
_COMMAND_WORD = re.compile(r"[^\s\\]*+")
_SPACE = re.compile(rb"\s*+")


@dataclass(frozen=True)
class Span:
    """Byte offsets in the plain script: from ``start`` to before ``end``."""

    start: int
    end: int


class ScriptText:
    """A script and how far it was read; ``on_command`` is told of psql's commands within statements.

    Methods raise :class:`DumpError` where it ends too early.
    """

    def __init__(self, pieces: Iterator[bytes], place: Place, on_command: Callable[[Command], None]) -> None:
        self.place = place
        self.has_standard_strings = True
        self._on_command = on_command
        self._pieces = pieces
        self._data = b""
        self._at = 0
        self._base = 0
        self._lines = 0
        self._counted = 0
        self._is_over = False
        self.fill()
        if self._data.startswith(codecs.BOM_UTF8):
            self._at = len(codecs.BOM_UTF8)

    @property
    def offset(self) -> int:
        """The byte offset of what is read next."""
        return self._base + self._at

    @property
    def head(self) -> bytes:
        """What was read ahead."""
        return self._data[self._at : self._at + 4096]

    def ahead(self) -> bytes:
        """Read ahead to the longest that an INSERT's beginning may be, and return it."""
        while len(self._data) - self._at < LONGEST_HEADER and self.fill():
            pass
        return self._data[self._at : self._at + LONGEST_HEADER]

    def fill(self) -> bool:
        """Read on, at least as much as is waiting; False at the end."""
        gathered, size = [self._data[self._at :]], 0
        self._count_lines()
        self._base, self._at, self._counted = self._base + self._at, 0, 0
        wanted = max(WINDOW, len(gathered[0]))
        while size < wanted and not self._is_over:
            piece = next(self._pieces, b"")
            self._is_over = not piece
            gathered.append(piece)
            size += len(piece)
        self._data = b"".join(gathered)
        return size > 0

    def next_is(self, *beginnings: bytes) -> bool:
        """Skip white space; whether what follows begins with one of these."""
        while True:
            found = _SPACE.match(self._data, self._at)
            self._at = found.end() if found else self._at
            if len(self._data) - self._at >= max(map(len, beginnings)) or not self.fill():
                return self._data.startswith(beginnings, self._at)

    def is_at_end(self) -> bool:
        """Skip white space; whether nothing follows."""
        self.next_is(b"x")
        return self._at == len(self._data)

    def line(self) -> bytes:
        """Read to the end of the line."""
        while (end := self._data.find(b"\n", self._at)) < 0:
            if len(self._data) - self._at > LARGEST_STATEMENT:
                self.refuse(f"lines of at most {LARGEST_STATEMENT} bytes", "a longer one")
            if not self.fill():
                end = len(self._data) - 1
                break
        line, self._at = self._data[self._at : end + 1], end + 1
        return line

    def command(self) -> Command:
        """Read a psql command to the end of its line."""
        self._count_lines()
        line, offset = self._lines + 1, self.offset
        text = self.line().decode("utf-8", "replace").strip()
        word = _COMMAND_WORD.match(text, 1)
        end = word.end() if word else 1
        return Command(text[1:end][:40], line, offset, text[end:].strip())

    def statement(self) -> bytes:
        """Read one statement with its closing semicolon; psql's commands in it are told of and left out."""
        text = StatementText()
        self._statement(text)
        return b"".join(text.parts).lstrip()

    def _statement(self, text: StatementText) -> None:
        body, at, kept = Body(), self._at, self._at
        while True:
            found = TOKENS[self.has_standard_strings].match(self._data, at)
            if found is None or (found.end() == len(self._data) and found.lastgroup != "end"):
                opening = OPENING.match(self._data, at)
                at, kept = self._string(opening, kept, text) if opening else self._more(at, kept, text)
                continue
            group, at = found.lastgroup, found.end()
            if group == "dollar":
                at, kept = self._until(found[0], at, kept, text)
            elif group in {"comment", "block"}:
                text.add(self._data[kept : found.start()], b" ")
                at = kept = self._comment(at) if group == "block" else at
            elif group == "command":
                text.add(self._data[kept : found.start()])
                self._at = found.start()
                self._on_command(self.command())
                at = kept = self._at
            elif group == "end" and body.is_closed:
                text.add(self._data[kept:at])
                self._at = at
                return
            else:
                body.see(found)

    def rows_end(self) -> Span:
        """Skip COPY's rows, which begin on the next line, and their closing line."""
        self.line()
        start = self.offset
        while len(self._data) - self._at < len(_CLOSING) and self.fill():
            pass
        if not self._data.startswith(_CLOSING, self._at):
            self._skip_rows()
        end = self.offset
        self.line()
        return Span(start, end)

    def inserts_end(self, header: bytes) -> Span:
        """Skip the INSERT statements from here on that begin with ``header``."""
        start = self.offset
        run = run_of_inserts(header, has_standard_strings=self.has_standard_strings)
        while self.next_is(header):
            found = run.match(self._data, self._at)
            if found:
                self._at = found.end()
            else:
                self._statement(StatementText(is_wanted=False))
        return Span(start, self.offset)

    def refuse(self, expected: str, found: str) -> NoReturn:
        """Raise :class:`DumpError` here."""
        refuse(self.place.at(self.offset), expected, found)

    def _count_lines(self) -> None:
        self._lines += self._data.count(b"\n", self._counted, self._at)
        self._counted = self._at

    def _skip_rows(self) -> None:
        while True:
            found = self._data.find(b"\n\\.", self._at)
            if found < 0:
                self._at = max(self._at, len(self._data) - 4)
            elif self._data[found + 3 : found + 4] == b"\n" or self._data[found + 3 : found + 5] == b"\r\n":
                self._at = found + 1
                return
            elif found + 5 <= len(self._data):
                self._at = found + 1
                continue
            else:
                self._at = found
            if not self.fill():
                if self._data[self._at :] == b"\n\\.":
                    self._at += 1
                    return
                self.refuse("the line that closes a table's rows", "the file's end before it")

    def _more(self, at: int, kept: int, text: StatementText) -> tuple[int, int]:
        """Read on in the middle of a statement; where reading goes on, and from where its text is still to keep."""
        text.add(self._data[kept:at])
        text.join()
        if max(text.size, len(self._data) - at) > LARGEST_STATEMENT:
            self.refuse(f"a statement of at most {LARGEST_STATEMENT} bytes", "a longer one")
        self._at = at
        if not self.fill():
            self.refuse("a whole statement", "the file's end before its end")
        return 0, 0

    def _string(self, opening: re.Match[bytes], kept: int, text: StatementText) -> tuple[int, int]:
        """Read on to the end of a string that may be longer than what was read ahead."""
        inside = INSIDE[bool(opening[1]) or not self.has_standard_strings]
        at = opening.end()
        while True:
            found = inside.match(self._data, at)
            at = found.end() if found else at
            if at + 1 < len(self._data):
                return at + 1, kept
            at, kept = self._more(at, kept, text)

    def _until(self, tag: bytes, at: int, kept: int, text: StatementText) -> tuple[int, int]:
        while (end := self._data.find(tag, at)) < 0:
            at, kept = self._more(max(at, len(self._data) - len(tag)), kept, text)
        return end + len(tag), kept

    def _comment(self, at: int) -> int:
        """Skip a comment and those within it; where it ends."""
        depth = 1
        while depth:
            found = COMMENT_ENDS.search(self._data, at)
            if found is None:
                self._at = max(at, len(self._data) - 1)
                if not self.fill():
                    self.refuse("the end of a comment", "the file's end before it")
                at = 0
                continue
            depth += 1 if found[0] == b"/*" else -1
            at = found.end()
        return at
