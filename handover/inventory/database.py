"""What the databases hold: tables and rows against the declaration and the contract, keys, references, age.

Looks at imported dumps only (Parquet, all rows, in DuckDB); reading dumps is the business of ``dump``, and whether the
source uses these tables is judged by ``cross_reference``. Findings carry names and counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import duckdb

from handover.contract.differences import differences
from handover.contract.mapping import TableMapping, load_mapping
from handover.declaration import DeclaredDatabase
from handover.delivered_dumps import delivered_dump
from handover.dump.errors import DumpError
from handover.dump.manifest import ImportedTable, read_manifest
from handover.findings import Finding, Severity, finding
from handover.inventory.source import SourceTree
from handover.inventory.table_rows import (
    broken_keys,
    fields_of,
    lost_references,
    newest_instant,
    rows_of,
    trial_names,
)
from handover.parts import Component
from handover.sealed import SealedDelivery

STALE_AFTER = timedelta(days=3)
"""A country that vaccinates records something every day; three days bridge a holiday's end."""

_LEFT_IN = re.compile(r"(^|_)(test|tmp|temp|bak|backup|copy|old|demo)(_|\d|$)")
_DIFFERENCE = {
    Severity.CRITICAL: "HND-DB-05",
    Severity.MAJOR: "HND-DB-06",
    Severity.MINOR: "HND-DB-07",
    Severity.INFO: "HND-DB-08",
}


@dataclass(frozen=True)
class Database:
    """One component's dump: rows and newest time of recording by table (``schema.table``), what was found."""

    component: Component
    path: PurePosixPath
    server_version: str | None
    tables: Mapping[str, int]
    newest: Mapping[str, datetime]
    other: Mapping[str, int]
    findings: tuple[Finding, ...]


def inventory_databases(delivery: SealedDelivery, lake: Path) -> tuple[Database, ...]:
    """Every declared database whose dump was imported into ``lake/<component>``, in the order of ``Component``."""
    return tuple(
        inventory_database(delivery, component, declared.database, lake / component)
        for component in Component
        if (declared := delivery.declaration.components.get(component)) and declared.database
    )


def unreadable(component: Component, declared: DeclaredDatabase, error: DumpError) -> Database:
    """A database whose dump can't be read to its end."""
    found = finding("HND-DB-01", declared.path, str(error))
    return Database(component, declared.path, None, {}, {}, {}, (found,))


def cross_reference(database: Database, source: SourceTree) -> tuple[Finding, ...]:
    """Tables that a component's source names and its dump lacks, where the dump has their schema; and back."""
    held = set(database.tables)
    schemas = {name.partition(".")[0] for name in held}
    lacking = sorted(name for name in source.tables - held if name.partition(".")[0] in schemas)
    unnamed = sorted(held - source.tables) if held & source.tables else []
    return (
        *(finding("HND-DB-16", database.path, f"lacks {name}, which the source uses") for name in lacking),
        *(
            finding("HND-DB-17", database.path, f"holds {name}, which the source doesn't name")
            for name in unnamed
        ),
    )


def inventory_database(
    delivery: SealedDelivery, component: Component, declared: DeclaredDatabase, folder: Path
) -> Database:
    """One declared database whose dump was imported into ``folder``."""
    manifest = read_manifest(folder)
    tables = {f"{table.schema}.{table.name}": table for table in manifest.tables}
    rows = {name: table.rows for name, table in tables.items()} | dict.fromkeys(
        manifest.tables_without_data, 0
    )
    dump = delivered_dump(delivery, component)
    contents = dump.inspect() if dump else None
    other = contents.other if contents else {}
    contract = {each.vendor_table: each for each in load_mapping(component).tables}
    with closing(duckdb.connect()) as connection:
        newest = {name: at for name, each in tables.items() if (at := newest_instant(connection, each))}
        found = [
            *against_declaration(declared, rows),
            *_against_contract(component, declared.path, tables),
            *_by_content(connection, declared.path, contract, tables),
        ]
    found += _age(declared.path, contract, newest, delivery.snapshot_at)
    if rows and not other.get("constraint"):
        found.append(finding("HND-DB-15", declared.path, "was dumped without a single constraint"))
    if contents and contents.meta_commands:
        message = "holds commands of psql, which nobody obeyed here"
        lines = ", ".join(f"line {each.line}" for each in contents.meta_commands[:10])
        found.append(finding("HND-DB-18", declared.path, message, f"{contents.meta_command_count}: {lines}"))
    return Database(component, declared.path, manifest.server_version, rows, newest, other, tuple(found))


def against_declaration(declared: DeclaredDatabase, rows: Mapping[str, int]) -> Iterator[Finding]:
    """What the tables' names and row counts say, beside the vendor's declaration and by themselves."""
    promised = {each.table: each.rows for each in declared.tables}
    for name in sorted(promised.keys() - rows.keys()):
        yield finding("HND-DB-02", declared.path, f"lacks the declared table {name}")
    for name in sorted(promised.keys() & rows.keys()):
        if promised[name] != rows[name]:
            message = f"holds another number of rows of {name} than declared"
            yield finding(
                "HND-DB-03", declared.path, message, f"{rows[name]} rows, declared {promised[name]}"
            )
    for name in sorted(rows.keys() - promised.keys()):
        yield finding("HND-DB-04", declared.path, f"holds the table {name}, which isn't declared")
    for name in sorted(name for name, count in rows.items() if count == 0):
        yield finding("HND-DB-13", declared.path, f"holds no row of {name}")
    for name in sorted(
        name for name in rows if any(_LEFT_IN.search(part) for part in name.lower().split("."))
    ):
        yield finding(
            "HND-DB-14", declared.path, f"holds {name}, by its name a test, a copy or a temporary table"
        )


def _against_contract(
    component: Component, path: PurePosixPath, tables: Mapping[str, ImportedTable]
) -> Iterator[Finding]:
    held = {name: {column.name: column.type for column in table.columns} for name, table in tables.items()}
    for each in differences(load_mapping(component), held):
        yield finding(_DIFFERENCE[each.severity], path, each.message)


def _by_content(
    connection: duckdb.DuckDBPyConnection,
    path: PurePosixPath,
    contract: Mapping[str, TableMapping],
    tables: Mapping[str, ImportedTable],
) -> Iterator[Finding]:
    held = {name: each for name, each in contract.items() if name in tables and tables[name].rows}
    for name, mapping in held.items():
        rows, fields = rows_of(connection, tables[name]), fields_of(tables[name])
        if set(key := _key(mapping)) <= fields.keys() and (
            broken := broken_keys(rows, [fields[k] for k in key])
        ):
            message = f"holds rows of {name} whose key ({', '.join(key)}) is empty or not unique"
            yield finding("HND-DB-09", path, message, f"{broken} rows")
        for column in mapping.columns:
            field = fields.get(column.vendor_column)
            if field and column.name == "full_name" and (tests := trial_names(rows, field)):
                message = f"holds rows of {name} whose {column.vendor_column} is a test entry"
                yield finding("HND-DB-14", path, message, f"{tests} rows")
            target = _target(column.name, name, contract)
            if (
                field
                and target in tables
                and (
                    lost := lost_references(
                        connection, rows, field, tables[target], _key(contract[target])[0]
                    )
                )
            ):
                message = f"holds rows of {name} whose {column.vendor_column} isn't in {target}"
                yield finding("HND-DB-10", path, message, f"{lost} rows")


def _target(column: str, table: str, contract: Mapping[str, TableMapping]) -> str:
    """The other table of which a column of that name is the whole key, or no name."""
    return next((name for name, each in contract.items() if each.key == (column,) and name != table), "")


def _age(
    path: PurePosixPath,
    contract: Mapping[str, TableMapping],
    newest: Mapping[str, datetime],
    snapshot_at: datetime,
) -> Iterator[Finding]:
    for name, at in newest.items():
        newest_at, taken_at = (
            each.astimezone(UTC).isoformat(timespec="minutes") for each in (at, snapshot_at)
        )
        evidence = f"newest {newest_at}, snapshot {taken_at}"
        is_daily = name in contract and contract[name].is_recorded_daily
        if is_daily and at < snapshot_at - STALE_AFTER:
            message = f"holds no row of {name} recorded in the last {(snapshot_at - at).days} days before its snapshot"
            yield finding("HND-DB-11", path, message, evidence)
        if at > snapshot_at:
            yield finding("HND-DB-12", path, f"holds rows of {name} recorded after its snapshot", evidence)


def _key(mapping: TableMapping) -> tuple[str, ...]:
    """The vendor's names of the key's columns."""
    return tuple(column.vendor_column for column in mapping.columns if column.name in mapping.key)
