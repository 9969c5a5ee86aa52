"""`python -m tests.bench.imports [--scale S | --dump FILE] [--rounds N]`: reading a dump, beside PostgreSQL and DuckDB.

On one dump, in one run, each as a process of its own: `pg_restore -j2` into a PostgreSQL on this machine,
`pg_restore -f /dev/null` (decompression alone), DuckDB reading the same rows from files of text to Parquet (the
limit: nothing to decompress, no ordinals, no digest), and our import. The median of the rounds is told.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from handover.dump.contents import table_data
from handover.dump.errors import Place
from handover.dump.importer import import_dump
from handover.dump.manifest import DumpManifest
from handover.dump.opening import open_dump
from handover.dump.source import CLOSING_LINE
from handover.synthetic.country import make_country
from handover.synthetic.vendor_database import VendorServer, vendor_server
from tests.bench.process import Command, Measured, measured

IMPORT = (
    "import sys; from pathlib import Path; from handover.dump.importer import import_dump;"
    " import_dump(Path(sys.argv[1]), Path(sys.argv[2]), content_id='bench')"
)
OURS, RESTORE, NULL, DUCKDB = (
    "our import",
    "pg_restore -j2",
    "pg_restore -f /dev/null",
    "DuckDB, text to Parquet",
)
TYPES = {
    "string": "varchar",
    "int64": "bigint",
    "int32": "integer",
    "int16": "smallint",
    "bool": "boolean",
} | {
    "date32[day]": "date",
    "timestamp[us, tz=UTC]": "timestamptz",
}


def synthetic_dump(folder: Path, scale: float) -> Path:
    """The vendor's database of a synthetic country of that scale."""
    country = make_country(folder / "country", scale=scale, seed=1)
    return country.delivery / "data" / "database" / "support.dump"


def text_files(dump: Path, manifest: DumpManifest, folder: Path) -> Command:
    """The tables' COPY text as files, each followed by its columns: what DuckDB is given."""
    told: Command = []
    columns = {(t.schema, t.name): {c.field: TYPES[c.stored_as] for c in t.columns} for t in manifest.tables}
    with open_dump(Place(dump)) as source:
        for data in table_data(source):
            path = folder / f"{data.table.full_name}.txt"
            with path.open("wb") as file:
                file.writelines(source.copy_text(data.entry))
                file.truncate(file.tell() - len(CLOSING_LINE) - 2)  # pg_dump writes two blank lines behind it
            told += [path, json.dumps(columns[data.table.schema, data.table.name])]
    return told


def one_round(server: VendorServer, number: int, dump: Path, folder: Path, texts: Command) -> list[Measured]:
    """All four, on the same dump."""
    with psycopg.connect(server.uri, autocommit=True) as admin:
        admin.execute(f"create database bench{number}")
    restore, lake = server.programs / "pg_restore", folder / "lake"
    shutil.rmtree(lake, ignore_errors=True)
    restored = measured(RESTORE, [restore, "-j2", "-d", server.database(f"bench{number}"), dump])
    with psycopg.connect(server.uri, autocommit=True) as admin:
        admin.execute("checkpoint")  # what the server writes later isn't to burden those who come next
    return [
        restored,
        measured(NULL, [restore, "-f", "/dev/null", dump]),
        measured(DUCKDB, [sys.executable, "-m", "tests.bench.read_text", *texts]),
        measured(OURS, [sys.executable, "-c", IMPORT, dump, lake]),
    ]


def medians(rounds: list[list[Measured]]) -> list[Measured]:
    """One measurement for each of the four: median seconds, highest memory."""
    return [
        Measured(same[0].what, statistics.median(m.seconds for m in same), max(m.peak_mb for m in same))
        for same in zip(*rounds, strict=True)
    ]


def table(what: str, rows: int, text: int, found: list[Measured]) -> str:
    """The measurements as Markdown."""
    seconds = {m.what: m.seconds for m in found}
    head = f"{what}: {rows:,} rows, {text / 1e6:,.0f} MB of COPY text"
    lines = [
        f"| {head} | seconds | rows a second | MB a second | peak MB | ours is faster by |",
        "|---|---|---|---|---|---|",
    ]
    for m in found:
        speed = f"{rows / m.seconds:,.0f} | {text / 1e6 / m.seconds:,.0f}"
        lines.append(
            f"| {m.what} | {m.seconds:.2f} | {speed} | {m.peak_mb:,} | {m.seconds / seconds[OURS]:.2f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, keep the numbers in ``var/bench``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.imports", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--dump", type=Path, help="a dump in the custom format instead of a synthetic one")
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        folder = Path(temporary)
        dump = asked.dump or synthetic_dump(folder, asked.scale)
        manifest = import_dump(dump, folder / "first", content_id="bench")
        texts = text_files(dump, manifest, folder)
        with vendor_server() as server:
            rounds = [one_round(server, n, dump, folder, texts) for n in range(asked.rounds)]
    rows, text = sum(t.rows for t in manifest.tables), sum(t.bytes for t in manifest.tables)
    what = asked.dump.name if asked.dump else f"scale {asked.scale:g}"
    at = datetime.now(UTC)
    kept = Path("var/bench") / f"imports-{at:%Y-%m-%dT%H%M}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    facts = {"at": at.isoformat(), "cores": os.cpu_count(), "dump": what, "rows": rows, "bytes": text}
    told = facts | {"rounds": [[asdict(m) for m in each] for each in rounds]}
    kept.write_text(json.dumps(told, indent=2), encoding="utf-8")
    print(f"{table(what, rows, text, medians(rounds))}\n\nKept in {kept}.")


if __name__ == "__main__":
    main()
