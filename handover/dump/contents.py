"""What a dump contains, told without reading its data: tables with columns, and how many of everything else.

It joins entries of the table of contents with the definitions in them. Where data lies, and reading it, doesn't
belong here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from handover.dump.definitions import (
    Column,
    TableDefinition,
    Unreadable,
    copy_columns,
    insert_columns,
    table_definition,
)
from handover.dump.errors import Place, refuse
from handover.dump.source import DumpSource, MetaCommand
from handover.dump.toc import TABLE_KINDS, TocEntry

UNKNOWN_TYPE = "unknown"
MOST_LARGE_OBJECTS = 1000
"""How many large objects are listed; all are counted."""

MOST_ANCESTORS = 200
"""Tables that one may inherit from; a longer chain is nobody's, and would take its square in time."""

_OID = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True)
class TableContents:
    """One table: ``kind`` is table, partitioned table or foreign table; columns in the order of its data."""

    schema: str
    name: str
    kind: str
    columns: tuple[Column, ...]
    has_data: bool

    @property
    def full_name(self) -> str:
        """``schema.name``, as the declaration and the contract write it."""
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class LargeObject:
    """A large object: its number in the server, and its bytes where they are known without reading it."""

    oid: int
    size: int | None


@dataclass(frozen=True)
class DumpContents:
    """A dump's table of contents; ``other`` counts entries of each further kind, in lower case.

    ``meta_commands`` are psql's commands in a plain dump that pg_dump doesn't write: the words, lines and byte offsets
    of the first thousand; ``meta_command_count`` counts all. So do ``large_objects`` and ``large_object_count``.
    """

    format: str
    archive_version: str
    server_version: str
    encoding: str
    compression: str
    tables: tuple[TableContents, ...]
    other: dict[str, int]
    meta_commands: tuple[MetaCommand, ...] = ()
    meta_command_count: int = 0
    large_objects: tuple[LargeObject, ...] = ()
    large_object_count: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the contents as JSON data."""
        told = asdict(self)
        for table in told["tables"]:
            table["columns"] = [
                {"name": c["name"], "type": c["type"], "nullable": c["is_nullable"]} for c in table["columns"]
            ]
        return told


@dataclass(frozen=True)
class TableData:
    """The data of one table in an archive: its entry, and the table with the columns its COPY names."""

    entry: TocEntry
    table: TableContents


def contents_of(source: DumpSource) -> DumpContents:
    """Tell what the dump contains."""
    with_data = {(d.table.schema, d.table.name): d.table for d in table_data(source)}
    defined = _definitions(source)
    tables = dict(with_data)
    for entry in source.entries:
        key = (entry.schema, entry.name)
        if entry.kind in TABLE_KINDS and key not in tables:
            columns = _columns(key, defined, source.place)
            tables[key] = TableContents(*key, _kind(entry, defined), columns, has_data=False)
    others = Counter(e.kind.lower() for e in source.entries if e.kind not in {*TABLE_KINDS, "TABLE DATA"})
    oids = _large_objects(source)
    listed = [LargeObject(oid, source.size_of_large_object(oid)) for oid in islice(oids, MOST_LARGE_OBJECTS)]
    return DumpContents(
        format=source.facts.format,
        archive_version=source.facts.archive_version,
        server_version=source.facts.server_version,
        encoding=source.facts.encoding,
        compression=source.facts.compression.value,
        tables=tuple(sorted(tables.values(), key=lambda table: (table.schema, table.name))),
        other=dict(sorted(others.items())),
        meta_commands=source.meta_commands,
        meta_command_count=source.meta_command_count,
        large_objects=tuple(listed),
        large_object_count=len(listed) + sum(1 for _ in oids),
    )


def _large_objects(source: DumpSource) -> Iterator[int]:
    """The numbers of the large objects: an entry of each, or one of many with a line for each (PostgreSQL 17)."""
    for entry in source.entries:
        written = {"BLOB": entry.name, "BLOB METADATA": entry.definition}.get(entry.kind, "")
        yield from (int(oid) for oid in written.split() if _OID.fullmatch(oid))


def table_data(source: DumpSource) -> tuple[TableData, ...]:
    """Return the tables that have data, in the dump's order; raises where two claim the same name."""
    defined = _definitions(source)
    entries = [e for e in source.entries if e.kind == "TABLE DATA" and e.has_data]
    names = Counter((e.schema, e.name) for e in entries)
    found: list[TableData] = []
    for entry in entries:
        place = source.place.of(f"{entry.schema}.{entry.name}")
        if names[entry.schema, entry.name] > 1:
            refuse(place, "one entry with the table's data", f"{names[entry.schema, entry.name]}")
        found.append(TableData(entry, _table_with_data(entry, defined, place)))
    return tuple(found)


_Definitions = dict[tuple[str, str], TableDefinition]


def _table_with_data(entry: TocEntry, defined: _Definitions, place: Place) -> TableContents:
    own = _columns((entry.schema, entry.name), defined, place)
    names = _names(entry, own, place)
    if len(set(names)) != len(names):
        refuse(place, "a statement with distinct columns", "a column twice")
    known = {column.name: column for column in own}
    columns = tuple(known.get(name, Column(name, UNKNOWN_TYPE, is_nullable=True)) for name in names)
    return TableContents(entry.schema, entry.name, "table", columns, has_data=True)


def _names(entry: TocEntry, own: tuple[Column, ...], place: Place) -> tuple[str, ...]:
    """The columns of an entry's data: those that COPY or INSERT names, or else all of the table's own."""
    try:
        if entry.copy_statement.startswith("COPY"):
            names = copy_columns(entry.copy_statement)
            if names is None:
                refuse(place, "a COPY statement", "none that can be read")
            return names
        return insert_columns(entry.copy_statement) or tuple(column.name for column in own)
    except Unreadable:
        refuse(place, "a COPY or INSERT statement", "one whose quotes aren't closed")


def _definitions(source: DumpSource) -> _Definitions:
    defined: _Definitions = {}
    for entry in source.entries:
        if entry.kind in TABLE_KINDS:
            try:
                defined[entry.schema, entry.name] = table_definition(entry.definition)
            except Unreadable:
                place = source.place.of(f"{entry.schema}.{entry.name}")
                refuse(place, "a CREATE TABLE with closed quotes", "one that isn't closed")
    return defined


def _columns(key: tuple[str, str], defined: _Definitions, place: Place) -> tuple[Column, ...]:
    """Return the columns of all tables a table inherits from, in the order written, and its own, which win."""
    found: dict[str, Column] = {}
    own: dict[tuple[str, str], Iterator[tuple[str, str]]] = {key: _parents(key, defined)}
    path, seen = [key], {key}
    while path:
        if len(seen) > MOST_ANCESTORS:
            refuse(place, f"tables that inherit from fewer than {MOST_ANCESTORS}", "more")
        parent = next((each for each in own[path[-1]] if each not in seen), None)
        if parent is not None:
            seen.add(parent)
            own[parent] = _parents(parent, defined)
            path.append(parent)
            continue
        found |= {column.name: column for column in defined.get(path.pop(), TableDefinition()).columns}
    return tuple(found.values())


def _parents(key: tuple[str, str], defined: _Definitions) -> Iterator[tuple[str, str]]:
    for parent in defined.get(key, TableDefinition()).parents:
        if parent:
            yield (parent[0], parent[1]) if len(parent) == 2 else (key[0], parent[-1])


def _kind(entry: TocEntry, defined: _Definitions) -> str:
    is_partitioned = defined[entry.schema, entry.name].is_partitioned
    return "partitioned table" if is_partitioned else TABLE_KINDS[entry.kind]
