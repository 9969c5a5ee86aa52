"""What a document's text names: files, database tables, endpoints. Names only, each looked at once, however long.

Whether what is named is there is judged by ``gaps`` (files), ``dictionaries`` (tables) and ``endpoints``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from handover.parts import DocumentKind

MAX_NAMES = 2_000
"""Names of one sort kept of one document."""

MAX_FILE_NAME = 120
"""Characters of a file's name; what is longer is running text without spaces."""

_TOKEN = re.compile(r"""[^\s"'`()\[\]<>|,;*“”«»]+""")
_FILE = re.compile(r"[\w][\w.+ -]*\.(?:pdf|docx?|xlsx?|pptx?|odt|ods|md)", re.IGNORECASE)

_NAME = r"[a-z_][a-z0-9_$]{0,62}"
_QUALIFIED = re.compile(
    rf"(?<![\w./@\\$-])({_NAME})\.({_NAME})(?:\.{_NAME})?(?!\.?\w|[(/@$-])", re.IGNORECASE
)
_LEADING = re.compile(
    r"(?P<heading>#*+)[\s\d.)*`\"-]*+(?:(?:tên\s+)?(?:bảng|table)\b[\s:*`\"]*+)?"
    rf"(?P<name>{_NAME}(?:\.{_NAME})?)(?![\w.(/@$-])(?P<alone>[\s*`\"]*+(?:\Z|[–—:(-]))?",
    re.IGNORECASE,
)
_SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")
_NO_TABLE = re.compile(
    r".*\.(?:vn|com|org|net|gov|edu|io|local|invalid|pdf|docx?|xlsx?|md|txt|csv|sql|dump|sh|jar|war|zip|py|java|js)"
    r"|.*(?:_seq|_idx|_pkey)|\w+\.(?:v|vw|mv|view|fn|sp)_.*"
)
"""Domains, files, and what in a database is no table: sequences, indexes, views and functions by their usual names."""

_ENDPOINT = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE)\b[\s|`*:]{1,8}(/[\w\-./{}:<>~%$@]{1,200})")


@dataclass(frozen=True)
class Mentions:
    """Names in a document, tables in lower case.

    ``files`` are names of files as they are written; ``tables`` may be names of tables, with their schema or without;
    ``entries`` are those that head a section, a row or a line as tables do; ``endpoints`` are paths without query.
    """

    files: tuple[str, ...] = ()
    tables: frozenset[str] = frozenset()
    entries: frozenset[str] = frozenset()
    endpoints: tuple[str, ...] = ()


NOTHING = Mentions()
"""What an unread document names."""


def mentions_of(text: str, kind: DocumentKind | None) -> Mentions:
    """The files that the text names and, of a database dictionary, tables; of an API document, endpoints."""
    files = tuple(sorted(set(_files(text)))[:MAX_NAMES])
    if kind is DocumentKind.API:
        endpoints = {each.rstrip("./:") for each in _ENDPOINT.findall(text)} - {""}
        return Mentions(files, endpoints=tuple(sorted(endpoints)[:MAX_NAMES]))
    if kind is not DocumentKind.DATABASE_DICTIONARY:
        return Mentions(files)
    leading = [match for piece in re.split(r"[\n\t|]", text) if (match := _LEADING.match(piece))]
    qualified = {f"{schema}.{table}".lower() for schema, table in _QUALIFIED.findall(text)}
    tables = frozenset(qualified | {match["name"].lower() for match in leading})
    return Mentions(files, tables, frozenset(name for match in leading if (name := _entry(match))))


def _files(text: str) -> Iterator[str]:
    for token in _TOKEN.findall(text):
        if len(token) > 8 * MAX_FILE_NAME or "://" in token or re.search(r"[{}$%=@]", unquote(token)):
            continue
        name = re.split(r"[/\\]", unquote(token).rstrip(".:!?"))[-1]
        if len(name) <= MAX_FILE_NAME and _FILE.fullmatch(name):
            yield name


def _entry(match: re.Match[str]) -> str | None:
    """The name where it stands as a table's would: with its schema, or as a whole heading in snake case."""
    name = match["name"].lower()
    if "." in name:
        return None if _NO_TABLE.fullmatch(name) else name
    is_title = match["heading"] and match["alone"] is not None
    return name if is_title and _SNAKE.fullmatch(match["name"]) else None
