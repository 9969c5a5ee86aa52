"""Days brought into the relations as they stand leave exactly what building everything anew leaves."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.warehouse import following, transformation
from orchestration.warehouse.project import read_manifest
from tests.relations import differences
from tests.spec.warehouse import LISTS, dose, make, subject

DELIVERED_ON = date(2022, 4, 5)
STAGES = (
    ("seeds", "staging", "cleansing", "int_requests"),
    ("int_changes__outcomes", "int_outcomes__evidence", "int_outcomes__combinations", "int_outcomes"),
    ("marts", "report"),
)
"""What is built before the exchange with the register, after it, and last: as runs do it."""
_BATCHES = "create table verification.batches (batch_id varchar, state varchar, answered_at timestamptz)"
_SCOPE = (
    "(package varchar, kind varchar, covers_on date, bag_sha256 varchar, as_of date, import_number bigint)"
)


def models_of(*stages: str) -> list[str]:
    """Names of models and seeds by schema, or their own."""
    nodes = read_manifest()["nodes"].values()
    made = {"model", "seed"}
    return [n["name"] for n in nodes if n["resource_type"] in made and {n["schema"], n["name"]} & {*stages}]


@dataclass
class Country:
    """A warehouse over a delivery and the days after it, to be brought forward day by day."""

    path: Path
    day: int = 0
    since: list[date | None] = field(default_factory=list)
    """What each build of the last day followed from, by stage."""

    @property
    def as_of(self) -> date:
        return DELIVERED_ON + timedelta(days=self.day)

    def take(self, rows: Mapping[str, list[dict[str, object]]]) -> None:
        """One day more, with its rows."""
        self.day += 1
        with closing(duckdb.connect(self.path)) as connection:
            for table, given in rows.items():
                (known,) = connection.execute(f"select count(*) from raw.{table}").fetchall()
                for number, row in enumerate(given, start=known[0] + 1):
                    address = {
                        "_delivery": f"vn-test.{self.as_of}",
                        "_table": f"vendor.{table}",
                        "_row": number,
                        "_increment_on": self.as_of.isoformat(),
                    }
                    full = {**row, **address}
                    marks = ", ".join("?" * len(full))
                    connection.execute(
                        f"insert into raw.{table} ({', '.join(full)}) values ({marks})", list(full.values())
                    )

    def build(self, stages: tuple[tuple[str, ...], ...] = STAGES, *, is_anew: bool = False) -> None:
        """Build as a run does; ``since`` says afterwards from which day each stage followed."""
        self.since = [self._build(models_of(*stage), is_anew) for stage in stages]

    def _build(self, names: list[str], is_anew: bool) -> date | None:
        environ = {"TIEMCHUNG_HOME": str(self.path.parent), "TIEMCHUNG_WAREHOUSE": str(self.path)}
        key = self.path.parent / "secrets" / "digest.key"
        key.parent.mkdir(exist_ok=True)
        key.write_text("ab" * 32, encoding="ascii")
        with pytest.MonkeyPatch.context() as patched:
            for name, value in environ.items():
                patched.setenv(name, value)
            with closing(duckdb.connect(self.path)) as connection:
                self._record(connection)
                since = following.started(connection, names, read_manifest(), key).begin(is_anew=is_anew)
            target = self.path.parent / "target"
            built = transformation.build(names, self.as_of, target, since)
            assert built.failure is None, built.failure
            with closing(duckdb.connect(self.path)) as connection:
                following.started(connection, names, read_manifest(), key).end(since)
        return since

    def _record(self, connection: duckdb.DuckDBPyConnection) -> None:
        connection.execute(f"create or replace table raw.scope {_SCOPE}")
        for n in range(self.day + 1):
            covered = DELIVERED_ON + timedelta(days=n) if n else None
            connection.execute(
                "insert into raw.scope values (?, 'x', ?, ?, ?, 1)",
                [f"p{n}", covered, f"bag{n}", self.as_of],
            )

    def answer(self, chosen: random.Random) -> None:
        """The register hears of some who were not asked about as they are, and answers some batches now, some later."""
        with closing(duckdb.connect(self.path)) as connection:
            open_requests = connection.execute(
                "select subject_id, content_digest from verification.int_requests anti join ledger.transfers"
                " using (subject_id, content_digest) order by all"
            ).fetchall()
            asked = [each for each in open_requests if chosen.random() < 0.8]
            batch = f"b{self.day}"
            connection.execute(
                "update verification.batches set state = 'answered', answered_at = '2022-04-06'"
            )
            connection.execute("update ledger.transfers set batch_state = 'answered'")
            state = chosen.choice(["answered", "acknowledged"])
            connection.execute("insert into verification.batches values (?, ?, null)", [batch, state])
            for subject_id, digest in asked:
                connection.execute(
                    "insert into ledger.transfers values (?, ?, ?, 0, ?)", [subject_id, batch, digest, state]
                )
            for subject_id, digest, batch_id in connection.execute(
                "select subject_id, content_digest, batch_id from ledger.transfers anti join ledger.answers"
                " using (subject_id, content_digest) where batch_state = 'answered' order by all"
            ).fetchall():
                words = ("equal", "different")
                answer = {
                    "subject_id": subject_id,
                    "batch_id": batch_id,
                    "content_digest": digest,
                    "asking": 0,
                    "fitting_count": chosen.choice([0, 1, 1, 2]),
                    **{
                        f"{each}_comparison": chosen.choice(words)
                        for each in ("name", "date_of_birth", "sex")
                    },
                }
                marks = ", ".join("?" * len(answer))
                connection.execute(
                    f"insert into ledger.answers ({', '.join(answer)}) values ({marks})",
                    list(answer.values()),
                )

    def anew(self, folder: Path) -> Country:
        """The same rows and answers in another warehouse, where everything is built anew."""
        folder.mkdir()
        other = Country(folder / "warehouse.duckdb", self.day)
        shutil.copyfile(self.path, other.path)
        with closing(duckdb.connect(other.path)) as connection:
            for schema in ("following", "seeds", "staging", "cleansing", "marts", "report"):
                connection.execute(f"drop schema if exists {schema} cascade")
            connection.execute("drop view verification.int_outcomes")
            for name in ("int_changes__outcomes", "int_outcomes__evidence"):
                connection.execute(f"drop table verification.{name}")
        other.build()
        assert other.since == [None, None, None]
        return other


def create(folder: Path, subjects: list[dict[str, object]], doses: list[dict[str, object]]) -> Country:
    folder.mkdir()
    country = Country(folder / "warehouse.duckdb")
    make(country.path, {"raw.subjects": subjects, "raw.doses": doses})
    with closing(duckdb.connect(country.path)) as connection:
        connection.execute(_BATCHES)
        connection.execute("drop view verification.transfers; drop view verification.answers")
        for table in ("transfers", "answers"):
            connection.execute(f"create view verification.{table} as from ledger.{table}")
    return country


NAMES = (
    "Nguyễn Văn An", "NGUYỄN VĂN AN", "Nguyen Van An", "Trần Thị Sen", "Trần Thị Sên", "Lê Hoà", "Lê Hòa",
    "An Nguyễn", "Y Moan Niê", "", None, "ông Nguyễn Văn Bảy", "test", "Nguyễn Văn  An", "Phạm Văn Cường",
)  # fmt: skip
NUMBERS = (
    "001080000001",
    "001080000002",
    "001180000003",
    "123456789",
    "123 456 789",
    "12345",
    "",
    "8080000001",
)
BIRTHS = ("02/03/1980", "1980", "09/08/1990", "31/02/1980", "", "2022-04-06", "1890-01-01", "03/1980")


class Vendor:
    """Makes rows at random out of few values, so that they meet in groups; sends its lists again each day."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - rows, no secrets
        self.doses = 0

    def delivery(self) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
        subjects = [self._subject(n, DELIVERED_ON) for n in range(1, 61)]
        return [*subjects, self._subject(None, DELIVERED_ON)], [self._dose(DELIVERED_ON) for _ in range(120)]

    def later(self, on: date) -> dict[str, list[dict[str, object]]]:
        """New and changed rows of a day; some doses get another subject."""
        changed = self.random.sample(range(1, 61), 4)
        new = [60 + 10 * on.day, 61 + 10 * on.day]
        doses = [self._dose(on) for _ in range(6)]
        moved = [self._dose(on, self.random.randint(1, 120)) for _ in range(4)]
        return {
            "subjects": [*(self._subject(n, on) for n in [*changed, *new]), self._subject(None, on)],
            "doses": doses + moved,
            **self._lists(),
        }

    def _lists(self) -> dict[str, list[dict[str, object]]]:
        """The vendor's lists again, other than they were only in what no subject or dose is told by."""
        told = {
            "facilities": {
                "facility_name": f"Trạm {self.random.random()}",
                "province_code": self.random.choice(["001", "079"]),
            },
            "vaccines": {"licensed_on": f"2021-0{self.random.randint(1, 9)}-01"},
        }
        return {
            table: [row | told[table] for row in self.random.sample(rows, len(rows))]
            for table, rows in LISTS.items()
        }

    def _subject(self, subject_id: int | None, on: date) -> dict[str, object]:
        pick = self.random.choice
        recorded = on - timedelta(days=self.random.choice([0, 1, 2, 30, 60, 90, 120, -2]))
        made = subject(
            subject_id or 0,
            full_name=pick(NAMES),
            id_number=pick(NUMBERS)
            if self.random.random() < 0.5
            else f"00108{self.random.randint(0, 9999999):07d}",
            date_of_birth=pick(BIRTHS),
            sex=pick(["Nam", "Nữ", "x", ""]),
            phone=pick(["0901", "0902", "", None]),
            district_code=pick(["001", "002", None]),
            province_name=pick(["Hà Nội", "TP. Hà Nội", "Huế", ""]),
            facility_code=pick(["F1", "F2"]),
            recorded_at=None if subject_id in (7, 23) else f"{recorded}T10:00:00+07:00",
        )
        return {**made, "subject_id": subject_id}

    def _dose(self, on: date, dose_id: int | None = None) -> dict[str, object]:
        pick = self.random.choice
        self.doses += dose_id is None
        injected = on - timedelta(days=self.random.choice([-3, 0, 1, 20, 60, 200, 900]))
        made = dose(
            dose_id or self.doses,
            0,
            dose_number=pick([1, 1, 2, 3, None]),
            vaccine_code=pick(["AZ", "PFIZER", "ABDALA", "?"]),
            injected_on=pick([injected.isoformat()] * 9 + [None]),
            facility_code=pick(["F1", "F1", "F9"]),
            recorded_at=pick([f"{on}T18:00:00+07:00", f"{on}T18:00:00+07:00", None]),
        )
        return {
            **made,
            "subject_id": pick([self.random.randint(1, 75), self.random.randint(1, 75), None, 9999]),
        }


PLANS = {
    "each day alone": ((1, STAGES),) * 3,
    "several at once, and marts that were not reached": ((2, STAGES), (1, STAGES[:1]), (1, STAGES)),
}
"""How many days come before a build, and which stages it reaches."""


@pytest.mark.parametrize(("seed", "plan"), list(enumerate(PLANS)), ids=[*PLANS])
def test_days_that_are_brought_in_leave_what_is_built_anew(seed: int, plan: str, tmp_path: Path) -> None:
    vendor = Vendor(seed)
    country = create(tmp_path / "followed", *vendor.delivery())
    country.build(STAGES[:1])
    country.answer(vendor.random)
    country.build()
    whole = country.as_of
    for days, stages in PLANS[plan]:
        for _ in range(days):
            country.take(vendor.later(country.as_of + timedelta(days=1)))
        country.build(STAGES[:1])
        assert country.since == [whole]
        country.answer(vendor.random)
        if stages == STAGES:
            country.build(STAGES[1:])
            assert country.since == [whole, whole]
            whole = country.as_of
            assert differences(country.path, country.anew(tmp_path / f"anew{country.day}").path) == []
