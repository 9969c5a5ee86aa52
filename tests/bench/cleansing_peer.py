"""`python -m tests.bench.cleansing_peer load|standardise ADDRESS PARQUET`: PostgreSQL standardises the same subjects.

The plain way, as `cleansing_peer.sql` says: each expression on each row, into an unlogged table. It has less to do than
our models: no placement of tones, legacy encodings, titles, placeholders or exchanged names, no lists of places.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb
import psycopg

from tests.spec.warehouse import RELATIONS

STATEMENTS = Path(__file__).with_suffix(".sql")
SETTINGS = ("work_mem = '256MB'", "max_parallel_workers_per_gather = 2", "timezone = 'Asia/Ho_Chi_Minh'")
COPY_BYTES = 1 << 20


def columns() -> list[list[str]]:
    """Names and types of a raw subject, but for the address other than the row."""
    given = [column.split() for column in RELATIONS["raw.subjects"].split(", ")]
    return [column for column in given if column[0][0] != "_" or column[0] == "_row"]


def load(address: str, parquet: str) -> None:
    """Fill the table of subjects from Parquet files, and let the server come to rest."""
    names = ", ".join(name for name, _ in columns())
    with tempfile.TemporaryDirectory(prefix="peer-") as folder, psycopg.connect(address) as server:
        rows = Path(folder) / "rows.csv"
        duckdb.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        duckdb.execute(
            f"copy (select {names} from read_parquet('{parquet}')) to '{rows}' (format csv, header false)"
        )
        server.execute("create unlogged table subjects (" + ", ".join(map(" ".join, columns())) + ")")
        with (
            server.cursor().copy(f"copy subjects ({names}) from stdin (format csv)") as copy,
            rows.open("rb") as file,
        ):
            while chunk := file.read(COPY_BYTES):
                copy.write(chunk)
    with psycopg.connect(address, autocommit=True) as server:
        server.execute("vacuum analyze subjects")
        server.execute("checkpoint")


def standardise(address: str) -> None:
    """Run the plain statement, with parallel workers where the server uses them."""
    with psycopg.connect(address, autocommit=True) as server:
        for setting in SETTINGS:
            server.execute(f"set {setting}")
        server.execute(STATEMENTS.read_text("utf-8"))


def main() -> None:
    """Do the one or the other."""
    if sys.argv[1] == "load":
        load(sys.argv[2], sys.argv[3])
    else:
        standardise(sys.argv[2])


if __name__ == "__main__":
    main()
