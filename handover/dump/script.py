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
from handover.dump.errors import Place, refuse
from handover.dump.script_commands import Command, Commands, connected
from handover.dump.script_objects import (
    CHANGES_ROWS,
    COPY_OF_ROWS,
    SETS_OTHERWISE,
    SETTING,
    Name,
    is_inside_a_schema,
    made_by,
    makes_rows,
    name_at,
    search_path,
)
from handover.dump.script_text import ScriptText, Span
from handover.dump.source import insert_header

MOST_OBJECTS = 1_000_000

_SERVER = re.compile(r"-- Dumped from database version (\S+)")
_PROGRAM = re.compile(r"-- Dumped by pg_dump version (\S+)")
_BEGINNING = re.compile(r"-- PostgreSQL database (?:cluster )?dump\s*")
_END = re.compile(r"-- PostgreSQL database (?:cluster )?dump complete\s*")


_ALIKE = "make the dump anew with --encoding=UTF8, or cut it into one of each database"


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
    """What a script holds. ``commands`` are psql's, but for those that pg_dump itself writes; the first of them.

    ``encoding`` and ``has_standard_strings`` are those of its rows.
    """

    server_version: str
    dump_version: str
    encoding: str
    has_standard_strings: bool
    objects: tuple[ScriptObject, ...]
    data: tuple[ScriptData, ...]
    commands: tuple[Command, ...]
    command_count: int


def scan_script(pieces: Iterator[bytes], place: Place) -> Script:
    """Index a script; raises :class:`DumpError` for what is none, is cut off or breaks a limit."""
    return _Scan(pieces, place).script()


class _Scan:
    def __init__(self, pieces: Iterator[bytes], place: Place) -> None:
        self._text = ScriptText(pieces, place, self._command_inside)
        self._encoding, self._codec = "UTF8", "utf-8"
        self._database, self._schema = "", ""
        self._versions = {_SERVER: "", _PROGRAM: ""}
        self._begun = self._ended = 0
        self._objects: list[ScriptObject] = []
        self._data: dict[tuple[str, str, str, Form, str], list[Span]] = {}
        self._spans = 0
        self._commands = Commands()
        self._rows_encoding = ""
        self._have_rows_standard_strings: bool | None = None

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
            self._rows_encoding or self._encoding,
            text.has_standard_strings
            if self._have_rows_standard_strings is None
            else self._have_rows_standard_strings,
            tuple(self._objects),
            tuple(ScriptData(*key, tuple(spans)) for key, spans in self._data.items()),
            tuple(self._commands.first),
            self._commands.count,
        )

    def _step(self) -> None:
        text = self._text
        if text.next_is(b"--"):
            self._comment(text.line())
        elif text.next_is(b"\\"):
            self._command(text.command())
        elif text.next_is(b"INSERT INTO "):
            self._inserts()
        else:
            self._statement(text.statement())
        if max(len(self._objects), self._spans) > MOST_OBJECTS:
            text.refuse(f"at most {MOST_OBJECTS} objects or tables", "more")

    def _command(self, command: Command) -> None:
        if not command.is_as_pg_dump_writes_it:
            self._commands.add(command)
        if command.word in {"connect", "c"}:
            self._connect(command.rest)
        if command.word == "encoding":
            self._set(b"client_encoding", command.encoding)

    def _command_inside(self, command: Command) -> None:
        """Take note of a command within a statement, where pg_dump writes none."""
        self._commands.add(command)
        if command.word == "encoding":
            self._set(b"client_encoding", "")

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
        self._database, self._schema = connected(to, self._database), ""
        self._encoding, self._codec = "UTF8", "utf-8"
        self._text.has_standard_strings = True

    def _statement(self, raw: bytes) -> None:
        if setting := SETTING.fullmatch(raw):
            self._set(setting[1].lower(), setting[2].decode())
            return
        if SETS_OTHERWISE.match(raw):
            self._text.refuse("an encoding and strings set as pg_dump sets them", "another way")
        statement = self._decoded(raw)
        if raw[:4].upper() == b"COPY" and COPY_OF_ROWS.match(raw):
            seen = self._text.head if b"\n" in self._text.head else self._text.ahead()
            if seen.partition(b"\n")[0].strip():
                self._text.refuse("a table's rows on the line after COPY", "something else on COPY's own")
            self._rows(statement, Form.COPY, self._text.rows_end())
            return
        if CHANGES_ROWS.match(raw) or makes_rows(statement):
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
        self._is_written_alike(form)
        schema, table = self._qualified(name)
        self._data.setdefault((self._database, schema, table, form, statement), []).append(span)
        self._spans += 1

    def _is_written_alike(self, form: Form) -> None:
        """Refuse rows in an encoding that isn't known, or written otherwise than those before."""
        encoding = self._rows_encoding = self._rows_encoding or self._encoding
        if not self._encoding or self._encoding != encoding:
            found = f"another from byte {self._text.offset} on"
            refuse(self._text.place, "rows in one encoding that is known", found, _ALIKE)
        if form is Form.INSERT:
            before, now = self._have_rows_standard_strings, self._text.has_standard_strings
            self._have_rows_standard_strings = now
            if before not in {None, now}:
                self._text.refuse("one standard_conforming_strings for all rows", "two")

    def _qualified(self, name: Name) -> Name:
        return name if name[0] or not name[1] else (self._schema or "public", name[1])

    def _set(self, setting: bytes, value: str) -> None:
        if setting == b"standard_conforming_strings":
            self._text.has_standard_strings = value.lower() not in {"off", "false", "0"}
            return
        codec = codec_of(value) if value else "utf-8"
        if codec is None:
            self._text.refuse("an encoding that is known", "another")
        self._encoding, self._codec = value, codec

    def _decoded(self, raw: bytes) -> str:
        try:
            return raw.decode(self._codec)
        except UnicodeDecodeError:
            self._text.refuse("a statement in the dump's encoding", "bytes that are not")
