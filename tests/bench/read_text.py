"""`python -m tests.bench.read_text TEXT COLUMNS [TEXT COLUMNS …]`: DuckDB reads COPY text to Parquet beside it."""

from __future__ import annotations

import sys

import duckdb


def main() -> None:
    """Read each text with its columns (a JSON object of names and types)."""
    connection = duckdb.connect(config={"threads": 2, "preserve_insertion_order": False})
    for text, columns in zip(sys.argv[1::2], sys.argv[2::2], strict=True):
        connection.execute(
            f"copy (from read_csv('{text}', delim='\\t', quote='', escape='', header=false, nullstr='\\N',"
            f" auto_detect=false, columns={columns})) to '{text}.parquet' (compression zstd)"
        )


if __name__ == "__main__":
    main()
