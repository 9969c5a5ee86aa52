"""`python -m tests.bench.cleansing_duplicates ours|splink WAREHOUSE SQL FACTS`: who was recorded twice, by exact keys.

Both read the same standardised subjects. Splink links by two exact keys: number, name and date of birth; telephone,
name, date of birth and sex. Ours is the model's own SQL (the file SQL), which finds the same pairs and, beside them,
numbers of several persons and subjects that are merely similar. Writes seconds and subjects found to the file FACTS.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

MEMORY = "12GB"
KEYS = """
    select
        _row as unique_id,
        case when id_class in ('cccd12', 'cmnd9') then id_number_std end as id_number,
        full_name_std,
        case when date_of_birth_std is not null then date_of_birth_std || date_of_birth_precision end as written_birth,
        case when date_of_birth_precision = 'day' then date_of_birth_std end as birth_date,
        sex_std,
        nullif(phone, '') as phone
    from warehouse.cleansing.int_subjects
"""


def opened(warehouse: Path) -> duckdb.DuckDBPyConnection:
    """A database in memory beside the warehouse, which is only read."""
    connection = duckdb.connect(config={"memory_limit": MEMORY, "preserve_insertion_order": False})
    connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
    return connection


def by_splink(warehouse: Path) -> int:
    """Subjects of the pairs that Splink's deterministic link gives."""
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI

    connection = opened(warehouse)
    connection.execute(f"create table bench_keys as {KEYS}")
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("id_number", "full_name_std", "written_birth"),
            block_on("phone", "full_name_std", "birth_date", "sex_std"),
        ],
        retain_matching_columns=False,
    )
    subjects = DuckDBAPI(connection).register("bench_keys")
    pairs = Linker(subjects, settings).inference.deterministic_link().physical_name
    both = f"select unique_id_l from {pairs} union select unique_id_r from {pairs}"
    return int(connection.execute(f"select count(*) from ({both})").fetchall()[0][0])


def by_model(warehouse: Path, sql: Path) -> int:
    """Subjects that the model of findings about duplicates says were recorded twice."""
    connection = opened(warehouse)
    connection.execute("use warehouse")
    connection.execute(f"create table memory.main.found as {sql.read_text('utf-8')}")
    same = "select count(*) from memory.main.found where rule_id = 'SUB-DUP-01'"
    return int(connection.execute(same).fetchall()[0][0])


def main() -> None:
    """Search one way and say how long it took, imports included."""
    started = time.perf_counter()
    way, warehouse, sql, kept = sys.argv[1], *map(Path, sys.argv[2:])
    subjects = by_splink(warehouse) if way == "splink" else by_model(warehouse, sql)
    facts = {"seconds": round(time.perf_counter() - started, 2), "subjects": subjects}
    kept.write_text(json.dumps(facts), encoding="utf-8")


if __name__ == "__main__":
    main()
