"""`python -m tests.bench.figures --home HOME [--sizes N,…]`: counting figures and breakdowns as the country grows.

Takes a finished home, writes its fact tables several times over into a database of its own, and runs the compiled SQL
of the report models on it; then traces and finds rows in the home itself. Prints Markdown for the benchmarks' page.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from orchestration.installation import Installation
from orchestration.settings import Settings
from orchestration.stages.tracing import trace_of, where_of
from orchestration.warehouse.project import compiled_manifest

NATION = 82_957_967
MODELS = ("rpt_figures", "rpt_breakdowns")


def main() -> None:
    """Count at every size, trace in the home, print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.figures", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--sizes", default="1000000,10000000")
    asked = parser.parse_args()
    installation = Installation(Settings.from_environ({"TIEMCHUNG_HOME": str(asked.home)}))
    sizes = [int(size) for size in asked.sizes.split(",")]
    print("\n".join([*counting(installation, sizes), "", *tracing(installation)]))


def counting(installation: Installation, sizes: list[int]) -> Iterator[str]:
    """Seconds by model and size, and what the nation would take by the growth between the two largest sizes."""
    manifest = compiled_manifest(installation.dbt_target)
    queries = {name: manifest["nodes"][f"model.tiemchung.{name}"]["compiled_code"] for name in MODELS}
    taken: dict[str, list[tuple[int, float]]] = {name: [] for name in MODELS}
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="figures-") as folder:
            subjects = _grown(installation.settings.warehouse, Path(folder) / "warehouse.duckdb", size)
            with duckdb.connect(Path(folder) / "warehouse.duckdb") as connection:
                for name, query in queries.items():
                    taken[name].append((subjects, _seconds(lambda q=query: connection.execute(q).fetchall())))
    yield "| subjects | " + " | ".join(f"{name}, seconds" for name in MODELS) + " |"
    yield "|---|" + "---|" * len(MODELS)
    for n in range(len(sizes)):
        subjects = taken[MODELS[0]][n][0]
        yield f"| {subjects:,} | " + " | ".join(f"{taken[name][n][1]:.2f}" for name in MODELS) + " |"
    if len(sizes) > 1:
        nation = " | ".join(f"{_extrapolated(taken[name]):.1f}" for name in MODELS)
        yield f"| {NATION:,} (by growth) | {nation} |"
    yield f"\nPeak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:,} MB."


def tracing(installation: Installation) -> Iterator[str]:
    """Seconds to trace a figure and to find a row, in this process: starting Python comes on top."""
    with installation.warehouse.connect() as connection:
        rows = connection.execute("select count(*), max(subject_id) from marts.fct_subjects").fetchall()
    subjects, last = rows[0]
    yield f"| {subjects:,} subjects | seconds |"
    yield "|---|---|"
    for figure in ("FIG-ON-SYSTEM", "FIG-WITH-ID-WRONG-DOB"):
        taken = _seconds(lambda f=figure: trace_of(installation, f, 5))
        yield f"| trace {figure}, five rows | {taken:.2f} |"
    yield f"| where, a subject | {_seconds(lambda: where_of(installation, last)):.2f} |"


def _grown(warehouse: Path, big: Path, size: int) -> int:
    """The fact tables of a warehouse, as often as it takes for ``size`` subjects; how many there are."""
    with duckdb.connect(big) as connection:
        connection.execute(f"attach '{warehouse}' as home (read_only)")
        connection.execute("create schema marts")
        (known,) = connection.execute("select count(*) from home.marts.fct_subjects").fetchall()[0]
        times = max(1, round(size / known))
        for table in ("fct_subjects", "fct_doses"):
            connection.execute(f"create table marts.{table} as from home.marts.{table} limit 0")
            for n in range(times):
                keys = "subject_id + $n::bigint * 1000000000 as subject_id"
                connection.execute(
                    f"insert into marts.{table} select * replace ({keys}) from home.marts.{table}", {"n": n}
                )
        return int(known) * times


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _extrapolated(taken: list[tuple[int, float]]) -> float:
    (smaller, less), (larger, more) = taken[-2:]
    return more + (more - less) / (larger - smaller) * (NATION - larger)


if __name__ == "__main__":
    main()
