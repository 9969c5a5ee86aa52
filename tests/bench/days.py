"""`python -m tests.bench.days [--scale S] [--days N]`: what a day costs beside the delivery that it follows.

A synthetic country is taken from its package to the sealed report; then so many days are received and imported, and the
daily job brings all of them in at once: six of them change about 1 % of the subjects. Each is a process of its own, its
steps as Dagster timed them. The stand-in register runs before and through all of it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb

from orchestration.settings import Settings
from orchestration.simulator.process import StandIn
from tests.bench.days_follow import REGISTER
from tests.bench.process import Command, Measured, measured

DELIVERED_ON = date(2022, 4, 5)
KINDS = {
    "gates": ("gate_",),
    "models": ("build_",),
    "register": ("verification__outbox", "exchange_"),
    "report and pages": ("report__",),
}
REST = "package and dump"


def python(module: str, *arguments: str | Path) -> Command:
    """A module of this repository as a command."""
    return [sys.executable, "-m", module, *arguments]


def steps_of(home: Path, job: str) -> dict[str, float]:
    """Seconds of each step of the latest run of a job, as Dagster's log tells them."""
    register = {name: os.environ[name] for name in REGISTER}
    Settings.from_environ({"TIEMCHUNG_HOME": str(home)} | register).export()
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs(dg.RunsFilter(job_name=job), limit=1)
        return {
            each.step_key: (each.end_time or 0) - (each.start_time or 0)
            for each in instance.get_run_step_stats(run.run_id)
        }


def by_kind(steps: dict[str, float]) -> dict[str, float]:
    """The same, summed by what is done."""
    sums: dict[str, float] = defaultdict(float)
    for step, seconds in steps.items():
        sums[next((kind for kind, starts in KINDS.items() if step.startswith(starts)), REST)] += seconds
    return {kind: round(sums[kind], 1) for kind in (REST, *KINDS)}


def changed(home: Path) -> tuple[int, int]:
    """Subjects whose rows the days changed, and all."""
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as connection:
        (counts,) = connection.execute(
            "select (select count(*) from cleansing.int_changes), (select count(*) from cleansing.int_subjects)"
        ).fetchall()
    return int(counts[0]), int(counts[1])


def table(measures: dict[str, tuple[Measured, dict[str, float]]]) -> str:
    """One line per kind of work, a column for each run and the second as a share of the first."""
    (whole, first), (day, second) = measures.values()
    rows = [("whole run", whole.seconds, day.seconds), *((k, first[k], second[k]) for k in first)]
    rows.append(("without start and waiting", sum(first.values()), sum(second.values())))
    lines = [f"| | {' | '.join(measures)} | |", "|---|---:|---:|---:|"]
    lines += [
        f"| {name} | {one:.1f} s | {two:.1f} s | {two / max(one, 0.1):.0%} |" for name, one, two in rows
    ]
    return "\n".join([*lines, f"| peak memory | {whole.peak_mb:,} MB | {day.peak_mb:,} MB | |"])


def measure(country: Path, home: Path, days: int) -> Iterator[tuple[str, tuple[Measured, dict[str, float]]]]:
    """The delivery, then the days after it in one step."""
    run = python("orchestration.cli", "run", "--home", home, "--delivery", country / "delivery", "--json")
    yield "delivery", (measured("delivery", run), by_kind(steps_of(home, "import_delivery")))
    shutil.copytree(country / "increments", home / "inbox" / "country" / "increments")
    last = DELIVERED_ON + timedelta(days=days)
    earlier = [str(DELIVERED_ON + timedelta(days=n)) for n in range(1, days)]
    if earlier:
        measured("earlier days", python("tests.bench.days_follow", "import", home, *earlier))
    follow = python("tests.bench.days_follow", "follow", home, str(last))
    yield f"{days} days", (measured("days", follow), by_kind(steps_of(home, "follow_increment")))


def main() -> None:
    """Measure, print the table, keep the numbers in ``var/bench``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.days", description=__doc__)
    parser.add_argument(
        "--scale", type=float, default=0.012, help="of the nation; 0.012 is a million subjects"
    )
    parser.add_argument("--days", type=int, default=6)
    parser.add_argument("--country", type=Path, help="a synthetic country that was made already")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        country, home = asked.country or Path(temporary) / "country", Path(temporary) / "home"
        if asked.country is None:
            made = ("synth", "--out", country, "--scale", str(asked.scale), "--json")
            measured("the country", python("orchestration.cli", *made))
        with StandIn(country.resolve() / "register.parquet") as register:
            os.environ |= dict(zip(REGISTER, (register.url, register.token), strict=True))
            found = dict(measure(country.resolve(), home, asked.days))
        some, every = changed(home)
    at = datetime.now(UTC)
    kept = Path("var/bench") / f"days-{at:%Y-%m-%dT%H%M}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    told = {name: {**asdict(whole), "steps": steps} for name, (whole, steps) in found.items()}
    facts = {"at": at.isoformat(), "cores": os.cpu_count(), "subjects": every, "changed": some}
    kept.write_text(json.dumps(facts | told, indent=2), encoding="utf-8")
    print(
        f"{every:,} subjects, {some:,} of them changed ({some / every:.2%}).\n\n{table(found)}\n\nKept in {kept}."
    )


if __name__ == "__main__":
    main()
