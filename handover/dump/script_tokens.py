"""SQL as psql cuts it: tokens, strings, and where a semicolon ends a statement.

Patterns over bytes alone; reading a script piece by piece belongs to ``script_text``.
"""

from __future__ import annotations

import re

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
STRINGS = {True: rb"'[^']*+'", False: rb"'(?:[^'\\]|\\.|'')*+'"}
TOKENS = {
    are_standard: re.compile(_TOKEN.replace(b"%s", pattern), re.DOTALL)
    for are_standard, pattern in STRINGS.items()
}
COMMENT_ENDS = re.compile(rb"/\*|\*/")
OPENING = re.compile(rb"([eE]?)'")
"""A string's beginning."""
INSIDE = {
    True: re.compile(rb"(?:[^'\\]++|\\.|'')*+", re.DOTALL),
    False: re.compile(rb"(?:[^']++|'')*+"),
}
"""What stands in a string, by whether a backslash escapes."""


def run_of_inserts(header: bytes, *, has_standard_strings: bool) -> re.Pattern[bytes]:
    """Return a pattern of statements that begin with ``header`` and hold strings and plain values alone."""
    values = rb"[^';\\eE/\-$]++|[eE/$](?!['*$])|-(?!-)|" + STRINGS[has_standard_strings]
    return re.compile(rb"(?:" + re.escape(header) + rb"(?:" + values + rb")*+;\s*+)++")


class Body:
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


class StatementText:
    """The text of a statement, kept in parts; of one that isn't wanted, nothing."""

    def __init__(self, *, is_wanted: bool = True) -> None:
        self._is_wanted = is_wanted
        self.size = 0
        self.parts: list[bytes] = []

    def add(self, *parts: bytes) -> None:
        """Keep further parts."""
        if self._is_wanted:
            self.parts += parts
            self.size += sum(map(len, parts))

    def join(self) -> None:
        """Make one of many parts: short ones take twenty times their size."""
        self.parts = [b"".join(self.parts)]
