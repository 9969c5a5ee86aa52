"""`python -m tests.bench.register_client ours FOLDER URL TOKEN`, or `plain … ROWS AT_ONCE`: a process of its own."""

from __future__ import annotations

import gzip
import hashlib
import json
import resource
import shutil
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import requests

from orchestration.population.caller import Caller
from orchestration.population.client import RegisterClient
from orchestration.population.ledger import Ledger
from orchestration.population.outbox import prepare
from orchestration.population.publish import publish
from orchestration.population.sizing import BATCH_ROWS
from orchestration.population.transfer import IN_FLIGHT, send_open

CALLER = Caller("BYT", "BYT-CNTT", "CB01", "do-toc-do")
MEMORY = "600MB"
PARTS = "parts.json"
FIELDS = ("so_dinh_danh", "so_cmnd", "ho_va_ten", "ngay_thang_nam_sinh", "gioi_tinh", "ma_tinh")
NAMES = ("SoDinhDanh", "SoCMND", "HoVaTen", "NgayThangNamSinh", "GioiTinh", "MaTinh")


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Part:
    """A part of our way: wall and processor seconds of the client, and its peak in MB by then."""

    what: str
    seconds: float
    cpu: float
    peak_mb: int


@contextmanager
def timed(parts: list[Part], what: str) -> Iterator[None]:
    """Add what the block takes."""
    began, used = time.perf_counter(), time.process_time()
    yield
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    parts.append(Part(what, time.perf_counter() - began, time.process_time() - used, peak_mb))


def warehouse(folder: Path) -> duckdb.DuckDBPyConnection:
    """The warehouse, open for one of the platform's steps."""
    settings = {"memory_limit": MEMORY, "preserve_insertion_order": False}
    return duckdb.connect(folder / "warehouse.duckdb", config=settings)


def ours(folder: Path, url: str, token: str) -> None:
    """Requests to published answers, as the platform's two assets do."""
    ledger_file = folder / "ledger.sqlite"
    ledger_file.unlink(missing_ok=True)
    shutil.rmtree(folder / "ledger", ignore_errors=True)
    parts: list[Part] = []
    with Ledger.open(f"sqlite:///{ledger_file}") as ledger:
        with timed(parts, "writing batches"), warehouse(folder) as connection:
            prepare(connection, ledger, folder / "ledger", asked_as=CALLER, batch_rows=BATCH_ROWS, clock=now)
        with timed(parts, "sending them, verifying answers"), RegisterClient(url, token, CALLER) as client:
            send_open(ledger, client, folder / "ledger", clock=now, in_flight=IN_FLIGHT)
        with timed(parts, "publishing"), warehouse(folder) as connection:
            publish(connection, ledger, folder / "ledger")
    (folder / PARTS).write_text(json.dumps([asdict(part) for part in parts]), encoding="utf-8")


def plain(folder: Path, url: str, token: str, rows: str, at_once: str) -> None:
    """What one would write first: every row an object, so many at once, answers kept row by row in SQLite."""
    step = int(at_once)
    with duckdb.connect(folder / "warehouse.duckdb", read_only=True) as connection:
        query = f"select subject_id, {', '.join(FIELDS)} from verification.int_requests limit {int(rows)}"
        asked = connection.execute(query).fetchall()
    file = folder / "plain.sqlite"
    file.unlink(missing_ok=True)
    kept = sqlite3.connect(file)
    kept.execute("create table answers (row_ref text primary key, answer text)")
    with requests.Session() as session:
        for first in range(0, len(asked), step):
            body = b"".join(_line(row) for row in asked[first : first + step])
            for line in _posted(session, url, token, body).text.splitlines():
                answer = json.loads(line)
                kept.execute("insert into answers values (?, ?)", (answer["row_ref"], json.dumps(answer)))
            kept.commit()


def _line(row: tuple[object, ...]) -> bytes:
    named = {"row_ref": str(row[0])} | dict(zip(NAMES, row[1:], strict=True))
    return json.dumps(named).encode() + b"\n"


def _posted(session: requests.Session, url: str, token: str, body: bytes) -> requests.Response:
    key = hashlib.sha256(body).hexdigest()
    headers = {
        "Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson", "Content-Encoding": "gzip",
        "Idempotency-Key": key, "X-MaYeuCau": key[:40], "X-MaDVC": CALLER.agency, "X-MaDonVi": CALLER.unit,
        "X-MaCanBo": CALLER.officer, "X-MucDich": CALLER.purpose,
    }  # fmt: skip
    response = session.post(f"{url}/v1/verifications", data=gzip.compress(body), headers=headers, timeout=300)
    response.raise_for_status()
    return response


if __name__ == "__main__":
    {"ours": ours, "plain": plain}[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
