"""An order-free digest of a table's rows: the sum modulo 2^64 of one 64-bit hash per row.

The hash is DuckDB's over all columns (without ``_row``), vectorised; it differs between DuckDB versions, so the
method's name goes with it. It guards against loss, doubling and change by accident, not against forgery.
"""

from __future__ import annotations

from contextlib import closing

import duckdb
import pyarrow as pa

METHOD = f"sum modulo 2^64 of DuckDB {duckdb.__version__} hash(columns)"
_MODULUS = 1 << 64


def hasher() -> duckdb.DuckDBPyConnection:
    """Open what hashes rows; opening takes as long as hashing some ten thousand rows, so it is kept for many."""
    return duckdb.connect(":memory:", config={"threads": 1})


def rows_digest(rows: pa.Table, opened: duckdb.DuckDBPyConnection) -> int:
    """Return the digest of the rows, whatever their columns are called; 0 for none. Threads may share ``opened``."""
    if not rows.num_columns or not rows.num_rows:
        return 0
    positions = [str(i) for i in range(rows.num_columns)]
    hashed = ", ".join(f'"{position}"' for position in positions)
    with closing(opened.cursor()) as connection:
        connection.register("given", rows.rename_columns(positions))
        found = connection.execute(f"select sum(hash({hashed}))::varchar from given").fetchall()  # noqa: S608
    return int(found[0][0]) % _MODULUS


def add_digests(digests: list[int]) -> str:
    """Return the digest of all rows together, as 16 hexadecimal digits."""
    return f"{sum(digests) % _MODULUS:016x}"
