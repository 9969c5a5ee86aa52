"""`python -m tests.bench [scale]`: our dump import beside PostgreSQL's own restore, in the same run on the same dump."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from handover.dump.importer import import_dump
from handover.synthetic.country import make_country
from handover.synthetic.vendor_database import VendorServer, vendor_server


def restore(server: VendorServer, dump: Path, name: str) -> float:
    """Seconds that `pg_restore -j2` takes into a new database."""
    with psycopg.connect(server.uri, autocommit=True) as admin:
        admin.execute(f"create database {name}".encode())
    return timed([server.programs / "pg_restore", "-j2", "-d", server.database(name), dump])


def timed(command: list[str | Path]) -> float:
    """Seconds that a command takes."""
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def main(scale: float) -> None:
    """Print one Markdown table."""
    with tempfile.TemporaryDirectory() as folder:
        country = make_country(Path(folder) / "country", scale=scale, seed=1)
        dump = country.delivery / "data" / "database" / "support.dump"
        with vendor_server() as server:
            unpacked = timed([server.programs / "pg_restore", "-f", "/dev/null", dump])
            restored = restore(server, dump, "bench")
        started = time.perf_counter()
        manifest = import_dump(dump, Path(folder) / "lake")
        ours = time.perf_counter() - started
    rows = sum(table.rows for table in manifest.tables)
    print(f"| scale {scale:g}, {rows:,} rows | seconds | rows a second |\n|---|---|---|")
    for name, seconds in (
        ("pg_restore -f /dev/null", unpacked),
        ("pg_restore -j2", restored),
        ("our import", ours),
    ):
        print(f"| {name} | {seconds:.2f} | {rows / seconds:,.0f} |")
    print(f"\nOurs is {restored / ours:.2f} times as fast as the restore.")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.01)
