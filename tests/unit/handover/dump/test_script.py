"""A script is cut where psql would cut it, and nothing in it is obeyed."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.dump import script as scripts
from handover.dump import script_commands, script_text
from handover.dump.errors import DumpError, Place
from handover.dump.importer import import_dump, inspect_dump
from handover.dump.script import Form, Script, scan_script

Write = Callable[..., Path]
SCRIPT = rb"""--
-- PostgreSQL database dump
--

\restrict abc
-- Dumped from database version 14.2 (Debian 14.2-1)
-- Dumped by pg_dump version 15.1

SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);
CREATE SCHEMA tc;
CREATE FUNCTION tc.f() RETURNS text LANGUAGE plpgsql AS $_$ begin; return ';''$$'; end $_$;
CREATE FUNCTION tc.g(a integer) RETURNS integer LANGUAGE sql BEGIN ATOMIC
 SELECT CASE WHEN (a > 1) THEN 2 ELSE 3 END; SELECT 5; END;
CREATE TABLE tc.ban (id integer NOT NULL, ten text DEFAULT 'a;''b'::text, "l;" date); /* ; /* nested; */ ; */
COPY tc.ban (id, ten, "l;") FROM stdin;
1	\! ls	2022-01-01
2	\\.	\N
\.


CREATE TABLE tc.rong (id integer);
COPY tc.rong (id) FROM stdin;
\.

INSERT INTO tc.rong VALUES (1);
INSERT INTO tc.rong VALUES (2), (3);
INSERT INTO tc.ban (id, ten) VALUES (3, '''; \! rm
');
ALTER TABLE ONLY tc.ban ADD CONSTRAINT k PRIMARY KEY (id);
ALTER TABLE ONLY tc.ban
    ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES tc.rong(id);
CREATE UNIQUE INDEX i ON tc.ban USING btree (ten);
GRANT ALL ON TABLE tc.ban TO x;
\unrestrict abc
--
-- PostgreSQL database dump complete
--
"""


def scan(text: bytes, size: int = 1 << 20) -> Script:
    pieces = (text[at : at + size] for at in range(0, len(text), size))
    return scan_script(pieces, Place(Path("x.sql")))


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1 << 20])
def test_a_script_is_indexed_however_it_is_cut(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(script_text, "WINDOW", size)
    script = scan(SCRIPT, size)

    assert (script.server_version, script.dump_version, script.encoding) == ("14.2", "15.1", "UTF8")
    assert [(each.kind, each.schema, each.name) for each in script.objects] == [
        ("SCHEMA", "", "tc"),
        ("FUNCTION", "tc", "f"),
        ("FUNCTION", "tc", "g"),
        ("TABLE", "tc", "ban"),
        ("TABLE", "tc", "rong"),
        ("CONSTRAINT", "tc", "ban"),
        ("FK CONSTRAINT", "tc", "ban"),
        ("INDEX", "public", "i"),  # pg_dump writes no schema here
        ("ACL", "", ""),
    ]
    rows = {(d.name, d.form): b"".join(SCRIPT[s.start : s.end] for s in d.spans) for d in script.data}
    assert rows["ban", Form.COPY] == b"1\t\\! ls\t2022-01-01\n2\t\\\\.\t\\N\n"
    assert rows["rong", Form.COPY] == b""
    assert (
        rows["rong", Form.INSERT].split()
        == b"INSERT INTO tc.rong VALUES (1); INSERT INTO tc.rong VALUES (2), (3);".split()
    )
    assert rows["ban", Form.INSERT].startswith(b"INSERT INTO tc.ban (id, ten) VALUES (3, '''; ")
    assert script.commands == ()


@pytest.mark.parametrize(
    ("before", "word"),
    [
        (b"", "!"),
        (b"-- Name: evil\n", "!"),
        (b"CREATE TABLE tc.x (id integer\n", "!"),
        (b"SELECT 'a' ", "!"),
    ],
)
def test_a_command_of_psql_is_named_with_its_line_and_not_obeyed(
    before: bytes, word: str, tmp_path: Path
) -> None:
    """An object's name with a line end in it (CVE-2025-8714) is one way to get a command into a dump."""
    trap = tmp_path / "trap"
    text = (
        b"CREATE TABLE tc.a (id integer);\n"
        + before
        + b"\\! touch "
        + str(trap).encode()
        + b"\n);\nSELECT 1;\n"
    )
    (command,) = scan(text).commands
    assert (command.word, text[command.offset : command.offset + 2]) == (word, b"\\!")
    assert command.line == text[: command.offset].count(b"\n") + 1
    assert not trap.exists()


def test_a_dump_of_several_databases_is_read_and_two_tables_of_one_name_are_refused(
    write_dump: Write,
) -> None:
    one = b"\\connect %s\nCREATE TABLE tc.%s (id integer);\nCOPY tc.%s (id) FROM stdin;\n1\n\\.\n"
    told = inspect_dump(write_dump(one % (b"a", b"x", b"x") + one % (b"b", b"y", b"y")))
    assert [table.full_name for table in told.tables] == ["tc.x", "tc.y"]
    with pytest.raises(
        DumpError, match=r"table tc\.x: expected one table of that name, found one in a and one in b"
    ):
        inspect_dump(write_dump(one % (b"a", b"x", b"x") + one % (b"b", b"x", b"x")))


def test_names_without_a_schema_get_the_first_of_the_search_path(write_dump: Write, tmp_path: Path) -> None:
    text = (
        b"SET search_path = tc, pg_catalog;\nCREATE TABLE a (id integer);\nCOPY a (id) FROM stdin;\n5\n\\.\n"
    )
    manifest = import_dump(write_dump(text), tmp_path / "out")
    assert [(t.schema, t.name, t.rows) for t in manifest.tables] == [("tc", "a", 1)]
    assert manifest.tables[0].columns[0].stored_as == "int32"


def test_backslashes_end_no_string_where_the_script_says_so() -> None:
    text = b"SET standard_conforming_strings = off;\nCREATE VIEW tc.v AS SELECT 'a\\';b';\nCREATE TABLE t (a text);\n"
    assert [each.kind for each in scan(text).objects] == ["VIEW", "TABLE"]


@pytest.mark.parametrize(
    "text",
    [
        b"CREATE TABLE x (",
        b"SELECT 'a",
        b"SELECT $a$ b",
        b"/* a",
        b'SELECT "a',
        b"COPY a (b) FROM stdin;\n1\n",
    ],
)
def test_a_script_cut_off_is_refused_with_the_offset(text: bytes) -> None:
    with pytest.raises(DumpError, match=r"x\.sql, byte \d+: .*the file's end before"):
        scan(text)


@given(cut=st.integers(0, len(SCRIPT) - 1), size=st.integers(1, 400))
def test_a_script_cut_anywhere_is_refused(cut: int, size: int) -> None:
    complete = SCRIPT.index(b"dump complete") + len(b"dump complete")
    if cut < complete:
        with pytest.raises(DumpError):
            scan(SCRIPT[:cut], size)


@given(data=st.data())
def test_changed_bytes_raise_nothing_but_dump_error(data: st.DataObject) -> None:
    text = bytearray(SCRIPT)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text) - 1))
        text[start : start + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    try:
        scan(bytes(text), data.draw(st.integers(1, 300)))
    except DumpError:
        return


@pytest.mark.parametrize(
    "text",
    [
        b"SELECT '" + b"''" * (1 << 19) + b"';",
        b"SELECT " + b"$a" * (1 << 19) + b";",
        b"SELECT $a$" + b"$a" * (1 << 19) + b"$a$;",
        b"/*" * (1 << 19),
        b"SELECT " + b"(" * (1 << 20) + b";",
        b"--" * (1 << 19),
        b"\\" * (1 << 20),
        b"INSERT INTO a VALUES (" * (1 << 15),
        b"INSERT INTO " + b"a(" * (1 << 19),
        b'INSERT INTO "' + b'""' * (1 << 19),
        b"COPY a FROM stdin;\n" + b"\n\\" * (1 << 19),
        b"a" * (1 << 20),
        b"E'" * (1 << 19),
        b"SELECT 1;" * (1 << 14),
        b"INSERT INTO a VALUES (1);\nINSERT INTO b VALUES (1);\n" * (1 << 15),
    ],
    ids=lambda text: text[:12].decode("latin-1"),
)
def test_no_text_takes_more_than_linear_time(text: bytes) -> None:
    started = time.process_time()
    with suppress(DumpError):
        scan(text, 1 << 16)
    assert time.process_time() - started < 20  # 0.1 s each where time is linear, hours where it isn't


@pytest.mark.parametrize(
    "statement",
    [
        b"insert into tc.a values (1);",
        b"INSERT INTO tc.a (id,t) VALUES (1, 'x');",
        b"INSERT INTO tc.a SELECT 1;",
        b"INSERT/**/INTO tc.a VALUES (1);",
        b"UPDATE tc.a SET id = 2;",
        b"DELETE FROM tc.a;",
        b"TRUNCATE tc.a;",
        b"WITH x AS (SELECT 1) INSERT INTO tc.a SELECT * FROM x;",
        b"COPY tc.a (id) FROM '/etc/passwd';",
        b"COPY tc.a (id) FROM PROGRAM 'ls';",
        b"DO $$ BEGIN DELETE FROM tc.a; END $$;",
        b"CALL tc.p();",
        b"CREATE TABLE tc.b AS SELECT 1 AS id;",
        b"create unlogged table tc.b (x, y) as values (1, 2);",
        b"SELECT id INTO tc.b FROM tc.a;",
    ],
)
def test_rows_written_in_a_way_that_is_not_read_are_refused_and_never_lost(statement: bytes) -> None:
    with pytest.raises(DumpError, match="another statement that changes rows"):
        scan(b"CREATE TABLE tc.a (id integer, t text);\n" + statement + b"\n")


@pytest.mark.parametrize(
    "statement",
    [
        b"CREATE TABLE tc.b (a integer GENERATED ALWAYS AS (1 + 1) STORED);",
        b"CREATE VIEW tc.v AS SELECT 1;",
        b'CREATE TABLE tc."AS" ("INTO" integer);',
        b"SELECT pg_catalog.setval('tc.into', 1, false);",
    ],
)
def test_statements_that_make_no_rows_are_pg_dump_s_own(statement: bytes) -> None:
    assert scan(b"CREATE TABLE tc.a (id integer);\n" + statement + b"\n").objects


def test_statements_on_the_catalogue_are_pg_dumpall_s_own() -> None:
    assert scan(b"CREATE ROLE a;\nUPDATE pg_catalog.pg_database SET datistemplate = 't';\n").objects


def test_a_byte_order_mark_is_no_part_of_the_first_statement() -> None:
    assert scan(b"\xef\xbb\xbfCREATE TABLE tc.a (id integer);\n").objects[0].name == "a"


@pytest.mark.parametrize(
    "line",
    [
        rb"\restrict abc \! touch x",
        rb"\connect tc \! touch x",
        rb"\connect `touch x`",
        rb"\unrestrict :`touch x`",
        rb"\connect 'a'",
        rb"\c tc",
        rb"\encoding",
        rb"\encoding `touch x`",
        rb"\encoding UTF8 \! touch x",
        b"\\connect\ttc `touch x`",
        b"SELECT 1 \\connect tc\n;",
        b"SELECT 1 \\encoding UTF8\n;",
    ],
)
def test_a_command_is_named_where_it_is_not_written_as_pg_dump_writes_it(line: bytes) -> None:
    (command,) = scan(b"CREATE ROLE a;\n" + line + b"\n").commands
    assert (command.line, command.offset) == (2, 15 + line.index(b"\\"))


ROWS = b"COPY a (t) FROM stdin;\nx\n\\.\n"


@pytest.mark.parametrize(
    "line", [b"\\encoding LATIN1", b'\\encoding "LATIN1"', b"SET client_encoding = 'LATIN1';"]
)
def test_rows_are_in_the_encoding_that_was_set_before_them(line: bytes) -> None:
    script = scan(b"CREATE TABLE a (t text);\n" + line + b"\n" + ROWS + b"SET client_encoding = 'UTF8';\n")
    assert (script.encoding, script.commands) == ("LATIN1", ())


@pytest.mark.parametrize(
    "line",
    [
        b"\\encoding LATIN1",
        b"\\encoding 'LATIN1'",
        b"\\encoding\tLATIN1 x",
        b"\\encoding",
        b"\\encoding NONE",
        b"SELECT 1 \\encoding LATIN1\n;",
        b"SET client_encoding = 'LATIN1';",
        b"SET client_encoding TO DEFAULT;",
        b"SET NAMES 'LATIN1';",
        b"set local client_encoding = LATIN1;",
        b'SET "client_encoding" = LATIN1;',
        b"RESET client_encoding;",
        b"RESET ALL;",
        b"SELECT pg_catalog.set_config('client_encoding', 'LATIN1', false);",
    ],
)
def test_rows_are_never_read_in_another_encoding_than_they_were_written_in(line: bytes) -> None:
    with pytest.raises(DumpError, match="encoding"):
        scan(b"CREATE TABLE a (t text);\n" + ROWS + line + b"\n" + ROWS)


def test_strings_of_two_kinds_are_refused() -> None:
    row = b"INSERT INTO a VALUES ('x');\n"
    with pytest.raises(DumpError, match="one standard_conforming_strings"):
        scan(b"CREATE TABLE a (t text);\n" + row + b"SET standard_conforming_strings = off;\n" + row)


def test_of_many_commands_all_are_counted_and_the_first_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(script_commands, "MOST_COMMANDS", 3)
    script = scan(b"CREATE ROLE a;\n" + b"\\! x\n" * 3 + b"SELECT 1\n" + b"\\! y\n" * 7 + b";\n")
    assert (len(script.commands), script.command_count) == (3, 10)


@pytest.mark.parametrize(
    ("line", "database"),
    [
        (rb"\connect tc", "tc"),
        (rb'\connect "t c"', "t c"),
        (b"\\connect -reuse-previous=on \"dbname='t c'\"", "t c"),
        (b'\\connect -reuse-previous=on "dbname=\'t\\\'c""d\'"', "t'c\"d"),
        (b"\\connect tc\n\\connect - postgres", "tc"),
    ],
)
def test_objects_belong_to_the_database_that_was_connected_to(line: bytes, database: str) -> None:
    script = scan(b"CREATE ROLE a;\n" + line + b"\nCREATE SCHEMA b;\n\\restrict Ab1\n\\unrestrict Ab1\n")
    assert [each.database for each in script.objects] == ["", database]
    assert script.commands == ()


@pytest.mark.parametrize(
    "text",
    [
        b"-- Name: a\r\\! touch x\n",
        b"COPY a (id) FROM stdin; \\! touch x\n1\n\\.\n",
        b"COPY a (id) FROM stdin;" + b" " * 5000 + b"\\! touch x\n1\n\\.\n",
    ],
)
def test_what_psql_would_run_beside_a_comment_or_beside_copy_is_refused(text: bytes) -> None:
    with pytest.raises(DumpError, match=r"inside of it|on COPY's own"):
        scan(b"CREATE TABLE a (id integer);\n" + text)


def test_lines_may_end_with_a_carriage_return_too() -> None:
    script = scan(b"-- a\r\nCREATE TABLE a (id integer);\r\nCOPY a (id) FROM stdin;\r\n1\r\n\\.\r\n")
    assert [each.spans[0].end - each.spans[0].start for each in script.data] == [3]


def test_more_parts_than_anybody_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "MOST_OBJECTS", 3)
    for part in (b"CREATE ROLE a;\n", b"COPY a (id) FROM stdin;\n\\.\n"):
        scan(b"CREATE ROLE b;\n" + part * 2)
        with pytest.raises(DumpError, match="at most 3 objects or tables"):
            scan(b"CREATE ROLE b;\n" + part * 4)
