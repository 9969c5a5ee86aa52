"""`python -m tests.bench.cleansing_gates WAREHOUSE AS_OF FACTS`: the gates of raw, staging and cleansing relations.

Writes what each took and how many of its rules are broken to the file FACTS. A rule that was not evaluated stops it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

from expectations.catalogue import suites
from expectations.runner import judge
from tests.spec.warehouse import DELIVERY

LAYERS = ("raw", "staging", "cleansing")


def raw_counts(warehouse: Path, relations: list[str]) -> dict[str, int]:
    """Rows of each raw relation: what the vendor would have declared."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        return {
            relation: int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])
            for relation in relations
            if relation.startswith("raw.")
        }


def judged(warehouse: Path, relation: str, facts: dict[str, int | str]) -> dict[str, object]:
    """One relation's gate: seconds, rules, rules broken; raises where a rule was not evaluated."""
    started = time.perf_counter()
    verdicts = judge(warehouse, relation, facts, memory_limit="12GB")
    seconds = time.perf_counter() - started
    if silent := [verdict.problem for verdict in verdicts if not verdict.is_evaluated]:
        raise SystemExit(f"{relation} could not be judged: {silent}")
    broken = [verdict.rule_id for verdict in verdicts if not verdict.is_passed]
    return {"seconds": round(seconds, 2), "rules": len(verdicts), "broken": broken}


def main() -> None:
    """Judge every relation of the layers that has a suite."""
    warehouse, as_of, kept = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    relations = [relation for relation in suites() if relation.partition(".")[0] in LAYERS]
    counts = raw_counts(warehouse, relations)
    found = {}
    for relation in relations:
        facts: dict[str, int | str] = {"as_of": as_of}
        if relation in counts:
            declared = counts[relation]
            facts |= {"declared_rows": declared, "declared_by_package": f"{DELIVERY}={declared}"}
        found[relation] = judged(warehouse, relation, facts)
    kept.write_text(json.dumps(found, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
