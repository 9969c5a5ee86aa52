"""Commands of psql in a script: which of them PostgreSQL's own programs write, and what those say.

None is obeyed. Finding them in a script belongs to ``script_text``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

MOST_COMMANDS = 1000
"""How many are remembered; all are counted."""

_ARGUMENT = r'(?:"((?:[^"]|"")*)"|([^\s\\`\'":|]+))'
_ARGUMENTS = re.compile(rf"(?:{_ARGUMENT}(?:\s+|\Z))*+")
"""What pg_dump writes behind them; psql would run what stands in backquotes, and a second command behind it."""

_WRITTEN = {
    "connect": _ARGUMENTS,
    "restrict": _ARGUMENTS,
    "unrestrict": _ARGUMENTS,
    "encoding": re.compile(r'[\w-]+|"[\w-]+"'),
    ".": re.compile(""),
}
"""Commands that pg_dump and pg_dumpall write between statements."""


@dataclass(frozen=True)
class Command:
    """A psql command: its first word, line (from 1) and byte offset, and the rest of its line."""

    word: str
    line: int
    offset: int
    rest: str = ""

    @property
    def is_as_pg_dump_writes_it(self) -> bool:
        """Whether it runs nothing and stands as PostgreSQL's own programs write it."""
        written = _WRITTEN.get(self.word)
        return written is not None and written.fullmatch(self.rest) is not None

    @property
    def encoding(self) -> str:
        """What ``encoding`` sets; empty where that can't be told."""
        return self.rest.strip('"') if self.is_as_pg_dump_writes_it else ""


class Commands:
    """The first commands, and how many there are in all."""

    def __init__(self) -> None:
        self.first: list[Command] = []
        self.count = 0

    def add(self, command: Command) -> None:
        """Take note of one."""
        self.count += 1
        if len(self.first) < MOST_COMMANDS:
            self.first.append(replace(command, rest=command.rest[:200]))


def connected(to: str, before: str) -> str:
    """Return the database that ``connect`` goes to, from the one ``before``."""
    given = [quoted.replace('""', '"') or bare for quoted, bare in re.findall(_ARGUMENT, to)]
    names = [each for each in given if not each.startswith("-reuse-previous")]
    if names[:1] == ["-"]:  # the same database for another user
        return before
    named = re.match(r"dbname\s*=\s*'((?:[^'\\]|\\.)*)'", names[0]) if names else None
    return re.sub(r"\\(.)", r"\1", named[1]) if named else "".join(names[:1])
