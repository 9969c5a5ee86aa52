"""The widest table and long values: the same rows from every form of dump, in bounded memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from hashlib import md5
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from handover.dump.importer import import_dump
from handover.dump.manifest import ImportedTable
from handover.synthetic.vendor_database import VendorServer, vendor_server

FORMS = {
    "custom": ["-Fc"],
    "piped": ["-Fc", "-Z0"],
    "plain": ["-Fp"],
    "inserts": ["-Fp", "--inserts"],
    "column inserts": ["-Fc", "--column-inserts"],
    "many rows per insert": ["-Fp", "--rows-per-insert=7"],
}
TABLES = r"""
create table rong (%s);
insert into rong select %s from generate_series(1, 40) g;
create table dai (id integer, t text, b bytea);
insert into dai values (1, 'ngắn', null), (2, repeat(E'Nguyễn\\''\n', 1800000), '\x00ff');
insert into dai select 3, null, decode(repeat('5c2700', 2000000), 'hex');
insert into dai select 10 + g, E'\\', null from generate_series(1, 20) g;
"""
# VmHWM, as ru_maxrss of a child begins at the peak of the process that started it.
PEAK = """
import re, sys
from pathlib import Path
from handover.dump.importer import import_dump
import_dump(Path(sys.argv[1]), Path(sys.argv[2]))
print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) >> 10)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[VendorServer]:
    columns = ", ".join(f"cot_{i} smallint" for i in range(1600))
    values = ", ".join(f"nullif((g * {i}) % 100, 7)" for i in range(1600))
    with vendor_server() as running:
        with psycopg.connect(running.uri, autocommit=True) as admin:
            admin.execute("create database lon")
        with psycopg.connect(running.database("lon")) as connection:
            connection.execute((TABLES % (columns, values)).encode())
        yield running


@pytest.fixture(scope="module")
def told(server: VendorServer) -> dict[int, tuple[str | None, str | None]]:
    """What the server says of the long values, by row."""
    with psycopg.connect(server.database("lon")) as connection:
        return {n: (t, b) for n, t, b in connection.execute("select id, md5(t), md5(b::text) from dai")}


@pytest.fixture(scope="module")
def digests() -> dict[str, dict[str, str]]:
    return {}


@pytest.mark.parametrize("form", FORMS)
def test_wide_rows_and_long_values_are_the_servers_in_every_form(
    server: VendorServer,
    told: dict[int, tuple[str | None, str | None]],
    digests: dict[str, dict[str, str]],
    tmp_path: Path,
    form: str,
):
    path = tmp_path / "lon.dump"
    command = [str(server.programs / "pg_dump"), *FORMS[form], "-f", str(path), server.database("lon")]
    subprocess.run(command, check=True, timeout=120)
    tables = {table.name: table for table in import_dump(path, tmp_path / "out").tables}
    assert (tables["rong"].rows, len(tables["rong"].columns)) == (40, 1600)
    wide = _read(tables["rong"])
    assert [pc.sum(wide[f"cot_{i}"]).as_py() for i in (0, 3)] == [
        0,
        sum(3 * g % 100 for g in range(1, 41) if g != 69),
    ]
    rows = _read(tables["dai"]).to_pylist()
    assert {row["id"]: (_md5(row["t"]), _md5(row["b"])) for row in rows} == told
    digests[form] = {name: table.digest for name, table in tables.items()}
    assert digests[form] == next(iter(digests.values()))


def _read(table: ImportedTable) -> pa.Table:
    return pa.concat_tables(pq.read_table(table.folder / file.name) for file in table.files)


def _md5(text: str | None) -> str | None:
    return None if text is None else md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("form", ["copy", "insert"])
def test_a_field_of_100_mb_full_of_escapes_is_read_within_a_gibibyte(tmp_path: Path, form: str):
    value = b"Nguy\\\\n " * 12_500_000
    rows = {
        "copy": [b"COPY tc.t (id, t) FROM stdin;\n", b"1\t", value, b"\n\\.\n"],
        "insert": [b"INSERT INTO tc.t VALUES (1, '", value, b"');\n"],
    }
    path = tmp_path / "dai.sql"
    with path.open("wb") as script:
        script.writelines([b"CREATE TABLE tc.t (\n    id integer,\n    t text\n);\n", *rows[form]])
    command = [sys.executable, "-c", PEAK, str(path), str(tmp_path / "out")]
    peak = int(subprocess.run(command, check=True, timeout=120, stdout=subprocess.PIPE).stdout)
    assert peak < 1024
