"""One run of the exchange in which client and register are killed at random moments, and what must hold at its end."""

from __future__ import annotations

import random
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import requests

from orchestration.population.reading import read_ledger
from orchestration.simulator.process import StandIn

SUBJECTS = 400
TOKEN = "chaos"
EARLIEST = 0.4
"""Part of an undisturbed client's time before which it has only begun to import its modules: no blow falls there."""
MOST_BLOWS = 4
TRIES = 20
FAULTS = Path(__file__).parents[2] / "docs" / "reference" / "faults.yaml"
"""The bad day that is shown in the documentation; the seed of its faults is the run's."""
PERSONS = """
select lpad(cast(i * 7 + 1000000000 as varchar), 12, '0') as personal_id, cast(null as varchar) as cmnd9,
    false as is_cmnd9_superseded, 'Nguyễn Văn ' || ['An', 'Bình', 'Cường', 'Dũng'][1 + i % 4] as full_name,
    strftime(date '1950-01-01' + cast(i * 37 % 20000 as integer), '%Y-%m-%d') as date_of_birth,
    if(i % 2 = 0, 'female', 'male') as sex, '01' as province_code
from range($people) t (i)
"""
REQUESTS = """
create table verification.int_requests as
select cast(row_number() over () as bigint) as subject_id, if(n % 9 = 0, null, personal_id) as so_dinh_danh,
    cast(null as varchar) as so_cmnd, if(n % 5 = 0, 'Lê Thị Sai', full_name) as ho_va_ten,
    if(n % 7 = 0, left(date_of_birth, 4), date_of_birth) as ngay_thang_nam_sinh,
    if(sex = 'male', '1', '0') as gioi_tinh, province_code as ma_tinh, md5(personal_id) as content_digest
from (select *, row_number() over (order by personal_id) as n from read_parquet($persons))
"""
ANSWERS = """
select * exclude (answered_at, batch_id, superseding_token), superseding_token is null
from verification.answers order by subject_id
"""


@dataclass(frozen=True)
class Told:
    """What a run came to: blows struck, sendings that failed, repeats in the register's book, and what is wrong."""

    seed: int
    blows: int
    failures: int
    repeats: int
    faults: tuple[str, ...]


def make(folder: Path) -> Path:
    """A home as it stands before the first exchange, and the register's persons beside it."""
    home = folder / "home"
    home.mkdir(parents=True)
    persons = folder / "persons.parquet"
    with duckdb.connect(home / "warehouse.duckdb") as connection:
        connection.execute(f"copy ({PERSONS}) to '{persons}' (format parquet)", {"people": SUBJECTS})
        connection.execute("create schema verification")
        connection.execute(REQUESTS, {"persons": str(persons)})
    return home


@dataclass(frozen=True)
class Calm:
    """A run that nothing befalls: its answers, and the seconds its client took."""

    answers: list[tuple[object, ...]]
    seconds: float


def undisturbed(folder: Path) -> Calm:
    """Run the exchange once without a blow."""
    home = folder / "calm"
    shutil.copytree(folder / "home", home)
    with StandIn(folder / "persons.parquet", token=TOKEN) as register:
        began = time.monotonic()
        subprocess.run(_client(home, register.url), check=True, timeout=60)
        seconds = time.monotonic() - began
    return Calm(_answers(home), seconds)


def run(folder: Path, seed: int, calm: Calm) -> Told:
    """Strike client or register at random on a bad day of the register, restart them, let them finish.

    Compares with the undisturbed run.
    """
    chance = random.Random(seed)  # noqa: S311
    home = folder / f"run-{seed}"
    shutil.copytree(folder / "home", home)
    book, port = folder / f"book-{seed}.sqlite", _free_port()
    blows = chance.randint(1, MOST_BLOWS)
    lives = 0

    def register() -> StandIn:
        nonlocal lives
        lives += 1
        faults = folder / f"faults-{seed}-{lives}.yaml"
        faults.write_text(
            FAULTS.read_text("utf-8").replace("seed: 1\n", f"seed: {seed * 100 + lives}\n"), "utf-8"
        )
        return StandIn(folder / "persons.parquet", port=port, token=TOKEN, book=book, faults=faults)

    struck, running = 0, register().__enter__()
    try:
        for _ in range(blows):
            client = subprocess.Popen(_client(home, running.url), stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(EARLIEST, 1) * calm.seconds)
            struck += client.poll() is None
            if chance.random() < 0.5:
                running.kill()
                running.__exit__(None, None, None)
                client.wait(30)
                running = register().__enter__()
            else:
                client.kill()
                client.wait()
        for _ in range(TRIES):
            done = subprocess.run(
                _client(home, running.url), check=False, timeout=60, stderr=subprocess.DEVNULL
            )
            if done.returncode == 0:
                break
        totals = _statistics(running.url)
    finally:
        running.__exit__(None, None, None)
    failures = _failed_attempts(home)
    return Told(seed, struck, failures, totals["repeats"], tuple(_faults(home, totals, calm.answers)))


def _failed_attempts(home: Path) -> int:
    with read_ledger(f"sqlite:///{home}/ledger.sqlite") as reading:
        return sum(attempt.result != "received" for attempt in reading.attempts)


def _faults(home: Path, totals: dict[str, int], expected: list[tuple[object, ...]]) -> list[str]:
    answers = _answers(home)
    subjects = [row[0] for row in answers]
    found = []
    if len(set(subjects)) < SUBJECTS:
        found.append(f"{SUBJECTS - len(set(subjects))} rows lost")
    if len(subjects) > len(set(subjects)):
        found.append(f"{len(subjects) - len(set(subjects))} rows doubled")
    if totals["rows"] != SUBJECTS:
        found.append(f"the register's book counts {totals['rows']} rows, {SUBJECTS} were asked")
    if answers != expected:
        found.append("the answers are not those of the undisturbed run")
    return found


def _answers(home: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(home / "warehouse.duckdb") as connection:
        return connection.execute(ANSWERS).fetchall()


def _statistics(url: str) -> dict[str, int]:
    response = requests.get(f"{url}/v1/statistics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10)
    days = response.json()["days"]
    return {name: sum(day[name] for day in days) for name in ("rows", "repeats", "batches")}


def _client(home: Path, url: str) -> list[str]:
    return [sys.executable, "-m", "tests.chaos.client", str(home), url, TOKEN]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
