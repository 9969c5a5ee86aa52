"""`python -m tests.bench.cleansing [--sizes N,N,…] [--peer-size N]`: raw rows to judged ones, as the country grows.

For each size, each step as a process of its own: seeds, staging and cleansing models by dbt; dbt's own tests of them;
the gates of raw, staging and cleansing. At one size beside it, in the same run: PostgreSQL standardising the same
subjects the plain way, and Splink looking for the same duplicates.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from handover.synthetic.vendor_database import vendor_server
from orchestration.warehouse.project import PROJECT
from tests.bench.cleansing_country import warehouse_of
from tests.bench.cleansing_tables import (
    GATES,
    MODELS,
    TESTS,
    Model,
    Peers,
    Size,
    broken_rules,
    models_table,
    peers_table,
    steps_table,
)
from tests.bench.process import Command, Measured, measured
from tests.spec.warehouse import AS_OF

MEMORY = "12GB"
LAYERS = ("path:seeds", "path:models/staging", "path:models/intermediate/cleansing")
STANDARDISING = ("int_names", "int_id_numbers", "int_dates_of_birth", "int_sexes", "int_province_names")
SUBJECTS = "int_subjects"
DUPLICATES = "int_subject_findings__duplicates.sql"


def python(module: str, *arguments: str | Path) -> Command:
    """A module of this package as a command."""
    return [sys.executable, "-m", f"tests.bench.{module}", *arguments]


def dbt(folder: Path, verb: str, *arguments: str) -> Command:
    """A dbt command on the warehouse of a country."""
    variables = {
        "TIEMCHUNG_HOME": folder,
        "TIEMCHUNG_WAREHOUSE": warehouse_of(folder),
        "TIEMCHUNG_MEMORY_LIMIT": MEMORY,
        "DO_NOT_TRACK": "1",
    }
    return [
        "env", *(f"{name}={value}" for name, value in variables.items()),
        Path(sys.executable).parent / "dbt", verb, "--quiet", "--vars", f"{{as_of: '{AS_OF}'}}",
        "--project-dir", PROJECT, "--profiles-dir", PROJECT,
        "--target-path", folder / "target", "--log-path", folder / "logs",
        "--select", *LAYERS, *arguments,
    ]  # fmt: skip


def built_models(folder: Path) -> list[Model]:
    """The models of the latest build, as dbt timed them."""
    told = json.loads((folder / "target" / "run_results.json").read_text("utf-8"))
    times = {
        result["unique_id"].split(".")[-1]: [
            datetime.fromisoformat(part[key])
            for part in result["timing"]
            for key in ("started_at", "completed_at")
        ]
        for result in told["results"]
        if result["unique_id"].startswith("model.") and result["timing"]
    }
    first = min(moment for moments in times.values() for moment in moments)
    return [
        Model(name, (min(moments) - first).total_seconds(), (max(moments) - first).total_seconds())
        for name, moments in times.items()
    ]


def measure_size(subjects: int, folder: Path) -> Size:
    """Make a country of so many subjects and take it from raw to gated."""
    made = measured("making the country", python("cleansing_country", str(subjects), folder))
    ours = measured(MODELS, dbt(folder, "build", "--exclude-resource-type", "test"))
    models = built_models(folder)
    tests = measured(TESTS, dbt(folder, "test"))
    told = folder / "gates.json"
    gates = measured(GATES, python("cleansing_gates", warehouse_of(folder), AS_OF, told))
    size = warehouse_of(folder).stat().st_size // 2**20
    return Size(subjects, [made, ours, tests, gates], models, json.loads(told.read_text("utf-8")), size)


def standardising_seconds(models: list[Model]) -> float:
    """The time in which at least one model ran that standardises subjects; others may have run beside it."""
    spans = sorted(
        (model.began, model.ended)
        for model in models
        if model.name.startswith(STANDARDISING) or model.name == SUBJECTS
    )
    total, until = 0.0, 0.0
    for began, ended in spans:
        total += max(ended - max(began, until), 0)
        until = max(until, ended)
    return round(total, 2)


def postgres_seconds(folder: Path) -> float:
    """How long PostgreSQL standardises the same subjects; loading them isn't counted."""
    with vendor_server() as server:
        with psycopg.connect(server.uri, autocommit=True) as admin:
            admin.execute("create database peer")
        address = server.database("peer")
        measured(
            "loading PostgreSQL", python("cleansing_peer", "load", address, folder / "subjects" / "*.parquet")
        )
        return measured("PostgreSQL", python("cleansing_peer", "standardise", address)).seconds


def measure_peers(size: Size, folder: Path) -> Peers:
    """PostgreSQL and Splink on the country just measured, and our search for duplicates alone."""
    found: dict[str, tuple[Measured, dict[str, Any]]] = {}
    sql = next((folder / "target" / "compiled").rglob(DUPLICATES))
    for way in ("ours", "splink"):
        told = folder / f"{way}.json"
        took = measured(way, python("cleansing_duplicates", way, warehouse_of(folder), sql, told))
        found[way] = took, json.loads(told.read_text("utf-8"))
    return Peers(
        size.subjects,
        standardising_seconds(size.models),
        postgres_seconds(folder),
        found["ours"][1],
        found["splink"][1],
        found["ours"][0],
        found["splink"][0],
    )


def keep(sizes: list[Size], peers: Peers | None) -> Path:
    """Write the numbers into ``var/bench``."""
    at = datetime.now(UTC)
    kept = Path("var/bench") / f"cleansing-{at:%Y-%m-%dT%H%M}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    facts = {"at": at.isoformat(), "cores": os.cpu_count(), "memory_limit": MEMORY}
    told = facts | {"sizes": [*map(asdict, sizes)], "peers": asdict(peers) if peers else None}
    kept.write_text(json.dumps(told, indent=2), encoding="utf-8")
    return kept


def arguments() -> argparse.Namespace:
    """What was asked for; sizes in rising order, and of them the one that peers are measured at."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cleansing", description=__doc__)
    parser.add_argument("--sizes", default="1000000,3000000,10000000", help="numbers of subjects")
    parser.add_argument(
        "--peer-size", type=int, help="one of the sizes; the smallest unless said; 0 for none"
    )
    asked = parser.parse_args()
    asked.sizes = sorted({int(size) for size in asked.sizes.split(",")})
    asked.peer_size = asked.sizes[0] if asked.peer_size is None else asked.peer_size
    if asked.peer_size not in {0, *asked.sizes}:
        parser.error(f"--peer-size must be one of the sizes {asked.sizes}, or 0 for none")
    return asked


def main() -> None:
    """Measure, print the tables, keep the numbers in ``var/bench``."""
    asked = arguments()
    sizes: list[Size] = []
    peers = None
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        for subjects in asked.sizes:
            folder = Path(temporary) / str(subjects)
            sizes.append(measure_size(subjects, folder))
            if subjects == asked.peer_size:
                peers = measure_peers(sizes[-1], folder)
            shutil.rmtree(folder)
    kept = keep(sizes, peers)
    print(steps_table(sizes), models_table(sizes), sep="\n\n")
    if peers:
        print(f"\n{peers_table(peers)}")
    if broken := broken_rules(sizes):
        print(f"\nThe gates found rules broken: {', '.join(broken)}.")
    print(f"\nKept in {kept}.")


if __name__ == "__main__":
    main()
