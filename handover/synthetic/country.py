"""Makes a country: rows, dumps, material, bags, register, letter and answer key, in one folder that appears whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import duckdb

from handover.parts import Component
from handover.synthetic import packages
from handover.synthetic.errors import SynthesisError
from handover.synthetic.letter import write_letter
from handover.synthetic.material.delivered import write_material
from handover.synthetic.rows import INCREMENT_DAYS, make_rows
from handover.synthetic.vendor_database import VendorServer, dump_tables, vendor_server

SNAPSHOT_AT = datetime(2022, 4, 5, 23, 59, 59, tzinfo=timezone(timedelta(hours=7)))
SMALLEST, LARGEST = 0.0001, 1.0
Say = Callable[[str], None]

TABLES = {
    Component.SUPPORT: {
        "tiemchung.doi_tuong": "from out_subjects",
        "tiemchung.mui_tiem": "from out_doses",
        "tiemchung.co_so_tiem_chung": "from out_facilities",
        "tiemchung.vac_xin": "from out_vaccines",
        "tiemchung.tinh": "select province_code, province_name from provinces order by province_code",
        "tiemchung.nhat_ky_dong_bo": "from out_sync_log",
    },
    Component.PORTAL: {"cong.phan_anh": "from out_reports", "cong.bai_viet": "from out_articles"},
    Component.COMMAND: {"mcc.tong_hop_ngay": "from out_daily_sums", "mcc.tai_khoan": "from out_accounts"},
    Component.HEALTH_BOOK: {"so.chung_nhan": "from out_certificates"},
}
FILES = {
    "register.parquet": "from out_register",
    "answer_key.subjects.parquet": "from out_key_subjects",
    "answer_key.doses.parquet": "from out_key_doses",
}


@dataclass(frozen=True)
class Country:
    """Where everything of a country lies, and how much of it there is."""

    delivery: Path
    increments: tuple[Path, ...]
    register: Path
    letter: Path
    subjects: int
    doses: int


def make_country(out: Path, *, scale: float, seed: int, on_progress: Say | None = None) -> Country:
    """Make a country of ``scale`` (1 is the nation) in the folder ``out``; the same scale and seed, the same bytes.

    Raises :class:`SynthesisError` when ``out`` holds something already or the scale is out of bounds.
    """
    if not SMALLEST <= scale <= LARGEST:
        raise SynthesisError(f"The scale should be between {SMALLEST} and {LARGEST:g}, found {scale:g}.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SynthesisError(f"{out} holds something already; name a folder that does not exist or is empty.")
    out.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        building.chmod(0o755)
        subjects, doses = _fill(building, scale, seed, on_progress or (lambda _: None))
        if out.exists():
            out.rmdir()
        building.rename(out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    days = tuple(sorted((out / "increments").iterdir()))
    return Country(out / "delivery", days, out / "register.parquet", out / "letter.yml", subjects, doses)


def _fill(folder: Path, scale: float, seed: int, say: Say) -> tuple[int, int]:
    with duckdb.connect(folder / "rows.duckdb") as connection, vendor_server() as server:
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        make_rows(connection, scale, seed, say)
        delivery = f"vn-2022-04-05-s{scale:g}-n{seed}"
        say("delivery: dumps, source, installers, documents")
        digest = _delivery(folder / "delivery", delivery, server, connection)
        say("increments")
        _increments(folder / "increments", delivery, digest, server, connection)
        for name, query in FILES.items():
            connection.execute(f"copy ({query}) to $file (format parquet)", {"file": str(folder / name)})
        counted = connection.execute(
            "select count(*), (select count(*) from out_doses) from out_subjects"
        ).fetchone() or (0, 0)
    (folder / "rows.duckdb").unlink()
    write_letter(folder / "letter.yml", scale)
    return int(counted[0]), int(counted[1])


def _delivery(
    folder: Path, delivery: str, server: VendorServer, connection: duckdb.DuckDBPyConnection
) -> str:
    data = folder / "data"
    (data / "database").mkdir(parents=True)
    material = write_material(data)
    counts = {
        component: dump_tables(
            server,
            str(component),
            component,
            tables,
            connection,
            data / "database" / f"{component}.dump",
            SNAPSHOT_AT,
            is_whole=True,
        )
        for component, tables in TABLES.items()
    }
    packages.declare_delivery(data, delivery, SNAPSHOT_AT, material, counts)
    return packages.make_bag(folder, delivery, SNAPSHOT_AT.date())


def _increments(
    folder: Path, delivery: str, digest: str, server: VendorServer, connection: duckdb.DuckDBPyConnection
) -> None:
    predecessor = (delivery, digest)
    for day in (SNAPSHOT_AT.date() + timedelta(days=n) for n in range(1, INCREMENT_DAYS + 1)):
        predecessor = _increment(folder / str(day), day, delivery, predecessor, server, connection)


def _increment(
    folder: Path,
    day: date,
    delivery: str,
    predecessor: tuple[str, str],
    server: VendorServer,
    connection: duckdb.DuckDBPyConnection,
) -> tuple[str, str]:
    data = folder / "data"
    (data / "database").mkdir(parents=True)
    identifier = f"{delivery}.{day}"
    made_at = datetime.combine(day, SNAPSHOT_AT.timetz())
    connection.execute("set variable day = $day", {"day": day})
    tables = {
        "tiemchung.doi_tuong": "from out_changed_subjects",
        "tiemchung.mui_tiem": "from out_changed_doses",
    }
    dump = data / "database" / "support.dump"
    counts = dump_tables(
        server, f"d{day:%Y%m%d}", Component.SUPPORT, tables, connection, dump, made_at, is_whole=False
    )
    packages.declare_increment(data, identifier, day, made_at, delivery, predecessor, counts)
    return identifier, packages.make_bag(folder, identifier, day)
