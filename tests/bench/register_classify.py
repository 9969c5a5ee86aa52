"""`python -m tests.bench.register_classify FOLDER`: the outcome of every answer, by the model's own SQL."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

MEMORY = "4GB"
EVIDENCE = "target/compiled/tiemchung/models/intermediate/verification/int_outcomes__evidence.sql"
"""Where dbt leaves the model's SQL."""
TOLD = """
select count(*), count(*) filter (where outcome not in ('pending', 'failed')) from verification.int_outcomes
"""


def main(folder: Path) -> None:
    """Classify; ends with an error where an answer got no outcome."""
    query = (folder / EVIDENCE).read_text("utf-8")
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute(f"set memory_limit = '{MEMORY}'; set preserve_insertion_order = false")
        connection.execute(f"create or replace table verification.int_outcomes__evidence as ({query})")
        ((answers, classified),) = connection.execute(TOLD).fetchall()
    if answers == 0 or classified != answers:
        sys.exit("Not every answer was classified.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
