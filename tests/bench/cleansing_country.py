"""`python -m tests.bench.cleansing_country SUBJECTS FOLDER`: raw tables of so many subjects with their doses.

Rows as the import leaves them: Parquet files, and a warehouse whose `raw` views read them. Names are drawn from the
synthetic country's lists, numbers, dates and places with a share of every fault. Nobody in it exists.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

from tests.spec.warehouse import DELIVERY, RELATIONS

LISTS = Path(__file__).parents[2] / "handover" / "synthetic" / "data" / "population"
STATEMENTS = Path(__file__).with_suffix(".sql")
RAW = [relation.partition(".")[2] for relation in RELATIONS if relation.startswith("raw.")]
MEMORY = "4GB"


def warehouse_of(folder: Path) -> Path:
    """Where the warehouse of a country lies."""
    return folder / "warehouse.duckdb"


def make_tables(subjects: int, folder: Path) -> None:
    """Write every raw table as Parquet files into a folder of its name."""
    with duckdb.connect(config={"memory_limit": MEMORY, "preserve_insertion_order": False}) as connection:
        for path in LISTS.glob("*.csv"):
            given = "types={'province_code': 'varchar'}, " if "province" in path.read_text("utf-8") else ""
            connection.execute(f"create table {path.stem} as from read_csv('{path}', {given}header=true)")
        connection.execute(f"set variable subjects = {subjects}")
        connection.execute(f"set variable folder = '{folder}'")
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        connection.execute(STATEMENTS.read_text("utf-8"))


def publish(folder: Path) -> None:
    """Create the views of the schema `raw`, with the address of every row."""
    with duckdb.connect(warehouse_of(folder)) as connection:
        connection.execute("create schema raw")
        for table in RAW:
            columns = [column.split() for column in RELATIONS[f"raw.{table}"].split(", ")]
            given = [f"cast({name} as {type_}) as {name}" for name, type_ in columns if name[0] != "_"]
            connection.execute(
                f"create view raw.{table} as select {', '.join(given)}, '{DELIVERY}' as _delivery,"
                f" 'vendor.{table}' as _table, _row, cast(null as date) as _increment_on"
                f" from read_parquet('{folder}/{table}/*.parquet')"
            )


def main() -> None:
    """Make the tables, then the warehouse that reads them."""
    subjects, folder = int(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    make_tables(subjects, folder)
    publish(folder)


if __name__ == "__main__":
    main()
