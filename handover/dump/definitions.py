"""What SQL definitions in a dump say of tables: columns of CREATE TABLE, column lists of COPY; read, never run.

A tokenizer that knows PostgreSQL's quoting, and two readers over it. What doesn't look like pg_dump's own
writing yields no columns rather than a guess; mapping types to Arrow belongs to ``column_types``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<quoted>"(?:[^"]++|"")*+")
      | (?P<string>[eE]'(?:[^'\\]++|''|\\.)*+' | '(?:[^']++|'')*+' | \$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$)
      | (?P<word>(?![eE]')[^\W\d][\w$]*)
      | (?P<mark>(?![eE]')[^"'])""",
    re.VERBOSE | re.DOTALL,
)
_DOLLAR = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_TABLE_RULES = {"CONSTRAINT", "CHECK", "PRIMARY", "UNIQUE", "EXCLUDE", "FOREIGN", "LIKE"}
_AFTER_TYPE = {
    *("CHECK", "COLLATE", "COMPRESSION", "CONSTRAINT", "DEFAULT", "GENERATED", "NOT", "NULL", "OPTIONS"),
    *("PRIMARY", "REFERENCES", "STORAGE", "UNIQUE"),
}


class Unreadable(ValueError):
    """A definition can't be cut into tokens: a quote that isn't closed."""


@dataclass(frozen=True)
class Column:
    """A column as defined: name, PostgreSQL type as written, whether it may be null."""

    name: str
    type: str
    is_nullable: bool


@dataclass(frozen=True)
class TableDefinition:
    """What CREATE TABLE says: own columns, the tables it inherits from, whether it is only a partitioned parent."""

    columns: tuple[Column, ...] = ()
    parents: tuple[tuple[str, ...], ...] = ()
    is_partitioned: bool = False


@dataclass(frozen=True)
class Token:
    """A token with its place in the text; ``kind`` is quoted, string, word or mark."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def keyword(self) -> str:
        """The upper-case word, or the mark; empty for what is quoted."""
        return self.text.upper() if self.kind in {"word", "mark"} else ""

    @property
    def identifier(self) -> str:
        """The name that stands here: unquoted, or folded to lower case as PostgreSQL does."""
        return self.text[1:-1].replace('""', '"') if self.kind == "quoted" else self.text.lower()


def tokens(text: str) -> Iterator[Token]:
    """Cut SQL into tokens without white space; raises :class:`Unreadable` at a quote that isn't closed."""
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or (found["mark"] == "$" and _DOLLAR.match(text, at)):
            raise Unreadable("a quote that is closed")
        at = found.end()
        if found["space"] is None:
            yield Token(found.lastgroup or "mark", found[0], found.start(), found.end())


def copy_columns(statement: str) -> tuple[str, ...] | None:
    """Return the columns of ``COPY table (columns) FROM stdin;``, or None where the statement isn't one.

    A table made WITH OIDS (before PostgreSQL 12) has its ``oid`` in front.
    """
    found = [token for token in tokens(statement) if token.text != ";"]
    words = [token.keyword for token in found]
    if not words or words[0] != "COPY" or words[-2:] != ["FROM", "STDIN"]:
        return None
    inner = found[1:-2]
    has_oids = [token.keyword for token in inner[-2:]] == ["WITH", "OIDS"]
    names = _listed(inner[:-2] if has_oids else inner)
    return None if names is None else (*(["oid"] if has_oids else []), *names)


def insert_columns(header: str) -> tuple[str, ...]:
    """Return the columns that ``INSERT INTO table (columns) VALUES`` names; none where it names none."""
    found = [token for token in tokens(header) if token.text != ";"]
    closed = next((i for i, token in enumerate(found) if token.keyword == ")"), 0)
    return _listed(found[: closed + 1]) or ()


def _listed(found: list[Token]) -> tuple[str, ...] | None:
    """Return the names in the parentheses at the end; none where there are none, None where they hold no list."""
    words = [token.keyword for token in found]
    if "(" not in words:
        return ()
    listed = found[words.index("(") + 1 : -1]
    is_list = words[-1] == ")" and all(token.keyword == "," for token in listed[1::2])
    return tuple(token.identifier for token in listed[::2]) if is_list and len(listed) % 2 else None


def table_definition(statement: str) -> TableDefinition:
    """Return what a CREATE TABLE (or FOREIGN TABLE) says; empty where it is of a kind pg_dump doesn't write."""
    found = list(tokens(statement))
    opened = next((i for i, token in enumerate(found) if token.keyword == "("), None)
    if opened is None or any(token.keyword == "OF" for token in found[:opened]):
        return TableDefinition()
    items, closed = _items(found, opened)
    columns = tuple(column for item in items if (column := _column(item, statement)) is not None)
    rest = found[closed + 1 :]
    words = [token.keyword for token in rest]
    is_partitioned = words[:2] == ["PARTITION", "BY"]
    parents: tuple[tuple[str, ...], ...] = ()
    if words[:2] == ["INHERITS", "("]:
        parents = tuple(_qualified(item) for item in _items(rest, 1)[0])
    return TableDefinition(columns, parents, is_partitioned)


def _items(found: list[Token], opened: int) -> tuple[list[list[Token]], int]:
    """Split what stands between a parenthesis and its partner at commas; also return the partner's index."""
    items: list[list[Token]] = [[]]
    depth = 0
    for index in range(opened, len(found)):
        mark = found[index].keyword
        depth += (mark in {"(", "["}) - (mark in {")", "]"})
        if depth == 0:
            return [item for item in items if item], index
        if mark == "," and depth == 1:
            items.append([])
        elif index > opened:
            items[-1].append(found[index])
    return [], len(found)


def _column(item: list[Token], statement: str) -> Column | None:
    if item[0].kind not in {"word", "quoted"} or item[0].keyword in _TABLE_RULES or len(item) == 1:
        return None
    end = next((i for i in range(1, len(item)) if item[i].keyword in _AFTER_TYPE), len(item))
    if end == 1:
        return None
    written = statement[item[1].start : item[end - 1].end]
    depth, is_nullable = 0, True
    for this, following in zip(item[end:], item[end + 1 :], strict=False):
        depth += (this.keyword == "(") - (this.keyword == ")")
        if depth == 0 and (this.keyword, following.keyword) == ("NOT", "NULL"):
            is_nullable = False
    return Column(item[0].identifier, " ".join(written.split()), is_nullable)


def _qualified(item: list[Token]) -> tuple[str, ...]:
    return tuple(token.identifier for token in item if token.keyword != ".")
