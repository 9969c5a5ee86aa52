"""`python -m tests.bench [--scale S]`: our dump import beside PostgreSQL's own restore, and a whole run, in one go.

Everything is measured as a process of its own, from its start to its end, on the same country. Peak memory is that of
the largest process of each command; the PostgreSQL server that a restore fills is not in it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from handover.dump.manifest import MANIFEST
from handover.synthetic.country import make_country
from handover.synthetic.vendor_database import vendor_server
from tests.bench.process import Command, Measured, measured

IMPORT = (
    "import sys; from pathlib import Path; from handover.dump.importer import import_dump;"
    " import_dump(Path(sys.argv[1]), Path(sys.argv[2]))"
)


def measure_dump(dump: Path, folder: Path) -> list[Measured]:
    """PostgreSQL's two ways to read the dump, and ours."""
    with vendor_server() as server:
        with psycopg.connect(server.uri, autocommit=True) as admin:
            admin.execute("create database bench")
        restore, target = server.programs / "pg_restore", server.database("bench")
        theirs = [
            measured("pg_restore -f /dev/null", [restore, "-f", "/dev/null", dump]),
            measured("pg_restore -j2", [restore, "-j2", "-d", target, dump]),
        ]
    lake = folder / "lake"
    return [*theirs, measured("our import", [sys.executable, "-c", IMPORT, dump, lake])]


def measure(scale: float, folder: Path) -> tuple[int, list[Measured]]:
    """Rows of the dump, and all measurements on one country of that scale."""
    country = make_country(folder / "country", scale=scale, seed=1)
    dump = country.delivery / "data" / "database" / "support.dump"
    found = measure_dump(dump, folder)
    rows = sum(t["rows"] for t in json.loads((folder / "lake" / MANIFEST).read_text("utf-8"))["tables"])
    tiemchung = Path(sys.executable).parent / "tiemchung"
    run: Command = [tiemchung, "run", "--home", folder / "home", "--delivery", country.delivery]
    return rows, [*found, measured("tiemchung run", run)]


def table(scale: float, rows: int, found: list[Measured]) -> str:
    """The measurements as Markdown."""
    lines = [f"| scale {scale:g}, {rows:,} rows | seconds | rows a second | peak MB |", "|---|---|---|---|"]
    lines += [f"| {m.what} | {m.seconds:.2f} | {rows / m.seconds:,.0f} | {m.peak_mb:,} |" for m in found]
    by_name = {m.what: m.seconds for m in found}
    ratio = by_name["pg_restore -j2"] / by_name["our import"]
    return "\n".join([*lines, "", f"Ours takes 1/{ratio:.2f} of the time of `pg_restore -j2`."])


def main() -> None:
    """Measure, print the table, keep the numbers in ``var/bench``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.01)
    scale = parser.parse_args().scale
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        rows, found = measure(scale, Path(folder))
    at = datetime.now(UTC)
    kept = Path("var/bench") / f"{at:%Y-%m-%d}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    facts = {
        "at": at.isoformat(),
        "cores": os.cpu_count(),
        "scale": scale,
        "rows": rows,
        "measured": [*map(asdict, found)],
    }
    kept.write_text(json.dumps(facts, indent=2), encoding="utf-8")
    print(f"{table(scale, rows, found)}\n\nKept in {kept}.")


if __name__ == "__main__":
    main()
