"""What a dump contains, told without reading its data: tables with columns, and how many of everything else.

It joins entries of the table of contents with the definitions in them. Where data lies, and reading it, doesn't
belong here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from handover.dump.archive import ArchiveHeader, ArchiveReader
from handover.dump.definitions import Column, TableDefinition, Unreadable, copy_columns, table_definition
from handover.dump.errors import Place, refuse
from handover.dump.toc import DataState, TableOfContents, TocEntry

UNKNOWN_TYPE = "unknown"
_TABLE_KINDS = {"TABLE": "table", "FOREIGN TABLE": "foreign table"}


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
class DumpContents:
    """A dump's table of contents; ``other`` counts entries of each further kind, in lower case."""

    format: str
    archive_version: str
    server_version: str
    encoding: str
    compression: str
    tables: tuple[TableContents, ...]
    other: dict[str, int]

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


def contents_of(reader: ArchiveReader, header: ArchiveHeader, toc: TableOfContents) -> DumpContents:
    """Tell what the dump contains."""
    with_data = {(d.table.schema, d.table.name): d.table for d in table_data(reader, toc)}
    defined = _definitions(reader, toc)
    tables = dict(with_data)
    for entry in toc.entries:
        key = (entry.schema, entry.name)
        if entry.kind in _TABLE_KINDS and key not in tables:
            tables[key] = TableContents(*key, _kind(entry, defined), _columns(key, defined), has_data=False)
    others = Counter(e.kind.lower() for e in toc.entries if e.kind not in {*_TABLE_KINDS, "TABLE DATA"})
    return DumpContents(
        format="custom",
        archive_version=".".join(map(str, header.version[:2])),
        server_version=header.server_version,
        encoding=toc.encoding,
        compression=header.compression.value,
        tables=tuple(sorted(tables.values(), key=lambda table: (table.schema, table.name))),
        other=dict(sorted(others.items())),
    )


def table_data(reader: ArchiveReader, toc: TableOfContents) -> tuple[TableData, ...]:
    """Return the tables that have data, in the archive's order; raises where two claim the same name."""
    defined = _definitions(reader, toc)
    entries = [e for e in toc.entries if e.kind == "TABLE DATA" and e.state is not DataState.NO_DATA]
    names = Counter((e.schema, e.name) for e in entries)
    found: list[TableData] = []
    for entry in entries:
        place = reader.place.of(f"{entry.schema}.{entry.name}")
        if names[entry.schema, entry.name] > 1:
            refuse(place, "one entry with the table's data", f"{names[entry.schema, entry.name]}")
        found.append(TableData(entry, _table_with_data(entry, defined, place)))
    return tuple(found)


_Definitions = dict[tuple[str, str], TableDefinition]


def _table_with_data(entry: TocEntry, defined: _Definitions, place: Place) -> TableContents:
    try:
        names = copy_columns(entry.copy_statement)
    except Unreadable:
        names = None
    if names is None:
        remedy = "make the dump anew with pg_dump -Fc and without --inserts"
        refuse(place, "a COPY statement", "none that can be read", remedy)
    if len(set(names)) != len(names):
        refuse(place, "a COPY statement with distinct columns", "a column twice")
    known = {column.name: column for column in _columns((entry.schema, entry.name), defined)}
    columns = tuple(known.get(name, Column(name, UNKNOWN_TYPE, is_nullable=True)) for name in names)
    return TableContents(entry.schema, entry.name, "table", columns, has_data=True)


def _definitions(reader: ArchiveReader, toc: TableOfContents) -> _Definitions:
    defined: _Definitions = {}
    for entry in toc.entries:
        if entry.kind in _TABLE_KINDS:
            try:
                defined[entry.schema, entry.name] = table_definition(entry.definition)
            except Unreadable:
                place = reader.place.of(f"{entry.schema}.{entry.name}")
                refuse(place, "a CREATE TABLE with closed quotes", "one that isn't closed")
    return defined


def _columns(key: tuple[str, str], defined: _Definitions) -> tuple[Column, ...]:
    """Return a table's own columns and those of all tables it inherits from; its own win."""
    found: dict[str, Column] = {}
    waiting, seen = [key], {key}
    while waiting:
        schema, _ = current = waiting.pop()
        definition = defined.get(current, TableDefinition())
        found = {c.name: c for c in definition.columns} | found
        parents = {(p[0], p[1]) if len(p) == 2 else (schema, p[-1]) for p in definition.parents if p}
        waiting.extend(sorted(parents - seen))
        seen |= parents
    return tuple(found.values())


def _kind(entry: TocEntry, defined: _Definitions) -> str:
    is_partitioned = defined[entry.schema, entry.name].is_partitioned
    return "partitioned table" if is_partitioned else _TABLE_KINDS[entry.kind]
