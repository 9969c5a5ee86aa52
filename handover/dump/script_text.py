"""The text of a SQL script, read forward in bounded memory: statements, lines, rows of COPY, runs of INSERTs.

Ends are where psql would see them: quotes, dollar quotes, comments and function bodies are understood. What a
statement says belongs to others.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from handover.dump.errors import Place, refuse
from handover.dump.source import LONGEST_HEADER

WINDOW = 1 << 20
LARGEST_STATEMENT = 64 << 20
LARGEST_INSERT = 2 << 30  # a row of PostgreSQL's largest size, every byte escaped

_WORD = rb"[A-Za-z_\x80-\xff][\w$\x80-\xff]*"
_TOKEN = (
    rb"(?P<plain>[^\w'\"$;\\/\-()\x80-\xff]++|\d[\w.]*+)"
    rb"|(?P<escaped>[eE]'(?:[^'\\]|\\.|'')*+')"
    rb"|(?P<word>" + _WORD + rb")"
    rb"|(?P<string>%s)"
    rb"|(?P<quoted>\"[^\"]*+\")"
    rb"|(?P<dollar>\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$)"
    rb"|(?P<comment>--[^\r\n]*+)"
    rb"|(?P<block>/\*)"
    rb"|(?P<command>\\)"
    rb"|(?P<end>;)"
    rb"|(?P<mark>[/\-$()])"
)
_STRING = {True: rb"'[^']*+'", False: rb"'(?:[^'\\]|\\.|'')*+'"}
_TOKENS = {
    are_standard: re.compile(_TOKEN.replace(b"%s", pattern), re.DOTALL)
    for are_standard, pattern in _STRING.items()
}
_COMMENT_ENDS = re.compile(rb"/\*|\*/")
_CLOSING = b"\\.\n"
_SPACE = re.compile(rb"\s*+")


@dataclass(frozen=True)
class Span:
    """Byte offsets in the plain script: from ``start`` to before ``end``."""

    start: int
    end: int


@dataclass(frozen=True)
class Command:
    """A psql command: its first word, line (from 1) and byte offset."""

    word: str
    line: int
    offset: int
    rest: str = ""


class ScriptText:
    """A script and how far it was read. Methods raise :class:`DumpError` where it ends too early."""

    def __init__(self, pieces: Iterator[bytes], place: Place) -> None:
        self.place = place
        self.has_standard_strings = True
        self.commands: list[Command] = []
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
        word, _, rest = text[1:].partition(" ")
        return Command(word[:40], line, offset, rest.strip())

    def statement(self, largest: int = LARGEST_STATEMENT) -> bytes:
        """Read one statement with its closing semicolon; psql's commands in it are noted and left out."""
        parts: list[bytes] = []
        body, at, kept = _Body(), self._at, self._at
        while True:
            found = _TOKENS[self.has_standard_strings].match(self._data, at)
            if found is None or (found.end() == len(self._data) and found.lastgroup != "end"):
                at, kept = self._more(at, kept, parts, largest)
                continue
            group, at = found.lastgroup, found.end()
            if group == "dollar":
                at, kept = self._until(found[0], at, kept, parts, largest)
            elif group in {"comment", "block"}:
                parts += self._data[kept : found.start()], b" "
                at = kept = self._comment(at) if group == "block" else at
            elif group == "command":
                parts.append(self._data[kept : found.start()])
                self._at = found.start()
                self.commands.append(self.command())
                at = kept = self._at
            elif group == "end" and body.is_closed:
                parts.append(self._data[kept:at])
                self._at = at
                return b"".join(parts).lstrip()
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
        string = _STRING[self.has_standard_strings]
        run = re.compile(
            rb"(?:"
            + re.escape(header)
            + rb"(?:[^';\\eE/\-$]++|[eE/$](?!['*$])|-(?!-)|"
            + string
            + rb")*+;\s*+)++"
        )
        while self.next_is(header):
            found = run.match(self._data, self._at)
            if found:
                self._at = found.end()
            else:
                self.statement(LARGEST_INSERT)
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

    def _more(self, at: int, kept: int, parts: list[bytes], largest: int) -> tuple[int, int]:
        """Read on in the middle of a statement; where reading goes on, and from where its text is still to keep."""
        if at - kept + sum(map(len, parts)) > largest or len(self._data) - at > largest:
            self.refuse(f"a statement of at most {largest} bytes", "a longer one")
        parts.append(self._data[kept:at])
        self._at = at
        if not self.fill():
            self.refuse("a whole statement", "the file's end before its end")
        return 0, 0

    def _until(self, tag: bytes, at: int, kept: int, parts: list[bytes], largest: int) -> tuple[int, int]:
        while (end := self._data.find(tag, at)) < 0:
            kept_to = max(at, len(self._data) - len(tag))
            _, kept = self._more(kept_to, kept, parts, largest)
            at = 0
        return end + len(tag), kept

    def _comment(self, at: int) -> int:
        """Skip a comment and those within it; where it ends."""
        depth = 1
        while depth:
            found = _COMMENT_ENDS.search(self._data, at)
            if found is None:
                self._at = max(at, len(self._data) - 1)
                if not self.fill():
                    self.refuse("the end of a comment", "the file's end before it")
                at = 0
                continue
            depth += 1 if found[0] == b"/*" else -1
            at = found.end()
        return at


class _Body:
    """Whether a semicolon ends the statement: not in parentheses, nor in a body between BEGIN ATOMIC and END."""

    def __init__(self) -> None:
        self._first: list[bytes] = []
        self._parentheses = 0
        self._depth = 0

    @property
    def is_closed(self) -> bool:
        """Whether a semicolon here ends the statement."""
        return not self._parentheses and not self._depth

    def see(self, token: re.Match[bytes]) -> None:
        """Take note of a token."""
        if token.lastgroup == "mark":
            self._parentheses += (token[0] == b"(") - (token[0] == b")" and self._parentheses > 0)
        if token.lastgroup != "word":
            return
        word = token[0].upper()
        if len(self._first) < 4:
            self._first.append(word)
        if self._first[0] == b"CREATE" and {b"FUNCTION", b"PROCEDURE"} & set(self._first):
            opens = word == b"BEGIN" or (word == b"CASE" and self._depth > 0)
            self._depth += opens - (word == b"END" and self._depth > 0)
