"""A plain SQL dump indexed in one forward pass: its objects, where its rows lie, and psql's commands in it.

Nothing is executed; commands of psql are noted and left alone. Cutting the script into statements belongs to
``script_text``, what a statement makes to ``script_objects``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from handover.dump.definitions import Unreadable, tokens
from handover.dump.encodings import codec_of
from handover.dump.errors import Place
from handover.dump.script_objects import Name, is_inside_a_schema, made_by, name_at, search_path
from handover.dump.script_text import Command, ScriptText, Span
from handover.dump.source import insert_header

MOST_OBJECTS = 1_000_000
HARMLESS = {"connect", "restrict", "unrestrict", "."}
"""Commands that pg_dump itself writes."""

_ARGUMENT = r'(?:"((?:[^"]|"")*)"|([^\s\\`\'":|]+))'
_ARGUMENTS = re.compile(rf"(?:{_ARGUMENT}(?:\s+|\Z))*+")
"""What pg_dump writes behind them; psql would run what stands in backquotes, and a second command behind it."""

_COPY = re.compile(rb"COPY\s.*\sFROM\s+stdin\s*(?:WITH\s*\(?[^;'\"]*)?;\Z", re.DOTALL | re.IGNORECASE)
_SET = re.compile(rb"SET\s+(client_encoding|standard_conforming_strings)\s*(?:=|TO)\s*'?([\w-]+)'?;", re.I)
_CHANGES_ROWS = re.compile(
    rb"(?:INSERT\s*INTO|UPDATE(?:\s+ONLY)?|DELETE\s*FROM(?:\s+ONLY)?|TRUNCATE|MERGE|COPY|WITH)\s*+(?!pg_catalog\.)",
    re.IGNORECASE,
)
"""Without a space, too: a comment may have stood there."""
_SERVER = re.compile(r"-- Dumped from database version (\S+)")
_PROGRAM = re.compile(r"-- Dumped by pg_dump version (\S+)")
_BEGINNING = re.compile(r"-- PostgreSQL database (?:cluster )?dump\s*")
_END = re.compile(r"-- PostgreSQL database (?:cluster )?dump complete\s*")


class Form(Enum):
    """How rows are written."""

    COPY = "copy"
    INSERT = "insert"


@dataclass(frozen=True)
class ScriptObject:
    """What a statement makes, in which database (empty: not said)."""

    database: str
    kind: str
    schema: str
    name: str
    definition: str


@dataclass(frozen=True)
class ScriptData:
    """The rows of a table: the COPY statement, or what each INSERT begins with up to VALUES, and where they lie."""

    database: str
    schema: str
    name: str
    form: Form
    statement: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Script:
    """What a script holds. ``commands`` are psql's, but for those that pg_dump itself writes."""

    server_version: str
    dump_version: str
    encoding: str
    has_standard_strings: bool
    objects: tuple[ScriptObject, ...]
    data: tuple[ScriptData, ...]
    commands: tuple[Command, ...]


def scan_script(pieces: Iterator[bytes], place: Place) -> Script:
    """Index a script; raises :class:`DumpError` for what is none, is cut off or breaks a limit."""
    return _Scan(pieces, place).script()


class _Scan:
    def __init__(self, pieces: Iterator[bytes], place: Place) -> None:
        self._text = ScriptText(pieces, place, self._note)
        self._encoding, self._codec = "UTF8", "utf-8"
        self._database, self._schema = "", ""
        self._versions = {_SERVER: "", _PROGRAM: ""}
        self._begun = self._ended = 0
        self._objects: list[ScriptObject] = []
        self._data: dict[tuple[str, str, str, Form, str], list[Span]] = {}
        self._spans = 0
        self._commands: list[Command] = []

    def script(self) -> Script:
        text = self._text
        if b"\0" in text.head or text.is_at_end():
            text.refuse("a dump", "something else")
        while not text.is_at_end():
            self._step()
        if not (self._objects or self._data or self._begun):
            text.refuse("a dump", "something else")
        if self._ended < self._begun:
            text.refuse("the comment that closes a dump", "the file's end before it")
        return Script(
            self._versions[_SERVER],
            self._versions[_PROGRAM],
            self._encoding,
            text.has_standard_strings,
            tuple(self._objects),
            tuple(ScriptData(*key, tuple(spans)) for key, spans in self._data.items()),
            tuple(self._commands),
        )

    def _step(self) -> None:
        text = self._text
        if text.next_is(b"--"):
            self._comment(text.line())
        elif text.next_is(b"\\"):
            command = text.command()
            self._note(command)
            if command.word in {"connect", "c"}:
                self._connect(command.rest)
        elif text.next_is(b"INSERT INTO "):
            self._inserts()
        else:
            self._statement(text.statement())
        if max(len(self._objects), self._spans, len(self._commands)) > MOST_OBJECTS:
            text.refuse(f"at most {MOST_OBJECTS} objects, tables or commands", "more")

    def _note(self, command: Command) -> None:
        if not _is_harmless(command):
            self._commands.append(command)

    def _comment(self, raw: bytes) -> None:
        line = raw.decode("utf-8", "replace")
        if "\r" in line.rstrip("\r\n"):
            # psql ends a comment there and would run what follows.
            self._text.refuse("a comment without a carriage return", "one inside of it")
        for pattern, found in self._versions.items():
            match = pattern.match(line)
            if match and not found:
                self._versions[pattern] = match[1]
        self._begun += _BEGINNING.fullmatch(line) is not None
        self._ended += _END.fullmatch(line) is not None

    def _connect(self, to: str) -> None:
        given = [quoted.replace('""', '"') or bare for quoted, bare in re.findall(_ARGUMENT, to)]
        names = [each for each in given if not each.startswith("-reuse-previous")]
        self._schema = ""
        if names[:1] != ["-"]:  # which is the same database for another user
            named = re.match(r"dbname\s*=\s*'((?:[^'\\]|\\.)*)'", names[0]) if names else None
            self._database = re.sub(r"\\(.)", r"\1", named[1]) if named else "".join(names[:1])

    def _statement(self, raw: bytes) -> None:
        if setting := _SET.fullmatch(raw):
            self._set(setting[1].lower(), setting[2].decode())
            return
        statement = self._decoded(raw)
        if raw[:4].upper() == b"COPY" and _COPY.match(raw):
            seen = self._text.head if b"\n" in self._text.head else self._text.ahead()
            if seen.partition(b"\n")[0].strip():
                self._text.refuse("a table's rows on the line after COPY", "something else on COPY's own")
            self._rows(statement, Form.COPY, self._text.rows_end())
            return
        if _CHANGES_ROWS.match(raw):
            # Rows that such a statement brings, changes or removes would be wrong without it.
            self._text.refuse("a script as pg_dump writes it", "another statement that changes rows")
        schema = search_path(statement)
        if schema is not None:
            self._schema = schema
            return
        made = made_by(statement)
        if made:
            kind, name = made
            schema, name_only = self._qualified(name) if is_inside_a_schema(kind) else name
            self._objects.append(ScriptObject(self._database, kind, schema, name_only, statement))

    def _inserts(self) -> None:
        text = self._text
        header = insert_header(iter([text.head])) or insert_header(iter([text.ahead()]))
        if not header:
            self._statement(text.statement())
            return
        self._rows(self._decoded(header), Form.INSERT, text.inserts_end(header))

    def _rows(self, statement: str, form: Form, span: Span) -> None:
        at = 1 if form is Form.COPY else 2
        try:
            name = name_at(list(islice(tokens(statement), at + 3)), at)
        except Unreadable:
            name = ("", "")
        if not name[1]:
            self._text.refuse("rows of a table with a name", "none")
        schema, table = self._qualified(name)
        self._data.setdefault((self._database, schema, table, form, statement), []).append(span)
        self._spans += 1

    def _qualified(self, name: Name) -> Name:
        return name if name[0] or not name[1] else (self._schema or "public", name[1])

    def _set(self, setting: bytes, value: str) -> None:
        if setting == b"standard_conforming_strings":
            self._text.has_standard_strings = value.lower() not in {"off", "false", "0"}
            return
        codec = codec_of(value)
        if codec is None:
            self._text.refuse("an encoding that is known", "another")
        self._encoding, self._codec = value, codec

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode(self._codec)
        except UnicodeDecodeError:
            self._text.refuse("a statement in the dump's encoding", "bytes that are not")


def _is_harmless(command: Command) -> bool:
    return command.word in HARMLESS and _ARGUMENTS.fullmatch(command.rest) is not None
