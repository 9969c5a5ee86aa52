"""One run of the exchange in which asker and register are killed at random moments, and what must hold at its end.

Who asks is the client alone, or Dagster's run of the assets from the outbox to the answers.
"""

from __future__ import annotations

import json
import random
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import requests

from orchestration.population.reading import read_ledger
from orchestration.simulator.register import Limits
from tests.chaos.client import BATCH_ROWS
from tests.chaos.processes import CLIENT, DAGSTER_RUN, TOKEN, Register, free_port, started

SUBJECTS = 240
A_DAGSTER_RUN_IN = 10
"""Every tenth seed asks by Dagster's runs; the others by the client alone."""
MOST_BLOWS = 4
TRIES = 20
SECONDS = 60
"""More than any asker takes."""
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
    if(sex = 'male', '1', '0') as gioi_tinh, if(n % 9 = 0, province_code, null) as ma_tinh, province_code,
    cast(md5(personal_id) as uuid) as content_digest
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
    asker: str
    blows: int
    failures: int
    repeats: int
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Calm:
    """Runs that nothing befalls: their answers, and the seconds each kind of asker took."""

    answers: list[tuple[object, ...]]
    seconds: Mapping[str, float]


def make(folder: Path) -> None:
    """A home as it stands before the first exchange, and the register's persons beside it."""
    home = folder / "home"
    home.mkdir(parents=True)
    persons = folder / "persons.parquet"
    with duckdb.connect(home / "warehouse.duckdb") as connection:
        connection.execute(f"copy ({PERSONS}) to '{persons}' (format parquet)", {"people": SUBJECTS})
        connection.execute("create schema verification")
        connection.execute(REQUESTS, {"persons": str(persons)})
    _ended(DAGSTER_RUN, "make_ready", home)


def undisturbed(folder: Path) -> Calm:
    """Let each kind of asker run once without a blow."""
    answers, seconds = {}, {}
    for asker in (CLIENT, DAGSTER_RUN):
        home = folder / f"calm-{asker}"
        shutil.copytree(folder / "home", home)
        with _register(folder) as register:
            began = time.monotonic()
            assert _ended(asker, "main", home, register.url, TOKEN) == 0
            seconds[asker] = time.monotonic() - began
        answers[asker] = _answers(home)
    assert answers[CLIENT] == answers[DAGSTER_RUN]
    return Calm(answers[CLIENT], seconds)


def asker_of(seed: int) -> str:
    """Who asks in a run."""
    return CLIENT if seed % A_DAGSTER_RUN_IN else DAGSTER_RUN


def run(folder: Path, seed: int, calm: Calm) -> Told:
    """Strike asker or register at random on a bad day of the register, restart them, let them finish.

    Compares with the undisturbed run.
    """
    home, asker = folder / f"run-{seed}", asker_of(seed)
    shutil.copytree(folder / "home", home)
    day = _BadDay(folder, seed, free_port())
    struck, running = 0, day.register().__enter__()
    try:
        for _ in range(day.chance.randint(1, MOST_BLOWS)):
            asking = started(asker, "main", str(home), running.url, TOKEN)
            time.sleep(day.chance.random() * calm.seconds[asker])
            struck += asking.is_alive()
            if day.chance.random() < 0.5:
                asking.kill()
            else:
                running.kill()
                asking.join(day.chance.choice((0.1, SECONDS)))
                running = day.register().__enter__()
            asking.join(SECONDS)
        for _ in range(TRIES):
            if _ended(asker, "main", home, running.url, TOKEN) == 0:
                break
        totals = _statistics(running.url)
    finally:
        running.__exit__(None, None, None)
    faults = [*_faults(home, totals, calm.answers), *(_held(home) if asker == DAGSTER_RUN else ())]
    return Told(seed, asker, struck, _failed_attempts(home), totals["repeats"], tuple(faults))


@dataclass
class _BadDay:
    """A register that comes up anew after each death with its book, and with faults of its own."""

    folder: Path
    seed: int
    port: int
    lives: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)  # noqa: S311

    def register(self) -> Register:
        self.lives += 1
        faults = self.folder / f"faults-{self.seed}-{self.lives}.yaml"
        seeded = FAULTS.read_text("utf-8").replace("seed: 1\n", f"seed: {self.seed * 100 + self.lives}\n")
        faults.write_text(seeded, "utf-8")
        return _register(self.folder, self.port, self.folder / f"book-{self.seed}.sqlite", faults)


def _register(
    folder: Path, port: int | None = None, book: Path | None = None, faults: Path | None = None
) -> Register:
    return Register(
        folder / "persons.parquet", port or free_port(), Limits(rows=BATCH_ROWS), book=book, faults=faults
    )


def _ended(module: str, function: str, *arguments: object) -> int | None:
    process = started(module, function, *map(str, arguments))
    process.join(SECONDS)
    return process.exitcode


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


def _held(home: Path) -> list[str]:
    """What Dagster holds to be under way at the end, and a last run that did not succeed."""
    told = home / "told.json"
    _ended(DAGSTER_RUN, "tell", home, told)
    said = json.loads(told.read_text("utf-8"))
    return said["held"] + ([] if said["last"] == "SUCCESS" else [f"the last run is {said['last']}"])
