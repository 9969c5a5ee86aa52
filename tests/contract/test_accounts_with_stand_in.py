"""Plan, dead letters and reconciliation on a small installation, before, between and after real exchanges."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.errors import UsageError
from orchestration.failures import exit_code_of
from orchestration.installation import Installation
from orchestration.population.errors import RegisterRefused
from orchestration.population.ledger import Ledger
from orchestration.settings import Settings
from orchestration.simulator.process import StandIn
from orchestration.stages.dead_letters import ask_again, refused_rows
from orchestration.stages.exchange import exchange_with_register, prepare_requests
from orchestration.stages.register_accounts import plan_requests, reconcile
from orchestration.warehouse.errors import WarehouseError
from tests.register_requests import requests_of

REQUESTS = requests_of(
    """values
    (1, '001190000001', null,        'Nguyễn Văn Hoà', '1990-12-31', '1',  '01', md5('a1')::uuid),
    (2, null,           '222222222', 'Lê Văn Đạt',     '1992',       '1',  '79', md5('a2')::uuid),
    (3, '12',           null,        'Ai Đó',          '1980',       null, '01', md5('a3')::uuid)
    """
)
WAREHOUSE = f"""
create schema verification; create schema cleansing; create schema staging;
create table verification.int_requests as {REQUESTS};
create table cleansing.int_subjects as from (values
    (1, false, timestamptz '2022-04-01 08:00+07', 'P1', 't.s', 1),
    (2, false, timestamptz '2022-04-01 23:59+07', 'P1', 't.s', 2),
    (3, false, timestamptz '2022-04-02 00:01+07', 'P1', 't.s', 3),
    (4, true,  timestamptz '2022-04-02 09:00+07', 'P1', 't.s', 4)
) s(subject_id, is_held, recorded_at, _delivery, _table, _row);
create table staging.stg_vendor__sync_log as from (values
    (date '2022-04-02', 2, 'P1', 't.log', 1, null::date), (date '2022-04-03', 1, 'P1', 't.log', 2, null)
) l(synced_on, subject_count, _delivery, _table, _row, _increment_on);
"""


class House:
    """An installation whose register is the stand-in."""

    def __init__(self, home: Path, stand_in: StandIn) -> None:
        environ = {"HOME": str(home), "REGISTER_URL": stand_in.url, "REGISTER_TOKEN": stand_in.token}
        self.home = home
        home.mkdir(exist_ok=True)
        self.environ = {f"TIEMCHUNG_{name}": value for name, value in environ.items()}
        self.installation = Installation(Settings.from_environ(self.environ))
        self._now = datetime.now(UTC)
        self.change(WAREHOUSE)

    def clock(self) -> datetime:
        """The stand-in's time, a moment further at each call; its book takes its day from its own clock."""
        self._now += timedelta(milliseconds=1)
        return self._now

    def change(self, statement: str) -> None:
        with duckdb.connect(self.home / "warehouse.duckdb") as connection:
            connection.execute(statement)

    def exchange(self) -> None:
        prepare_requests(self.installation, self.clock)
        exchange_with_register(self.installation, self.clock)

    def files(self) -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in sorted(self.home.rglob("*")) if path.is_file()}

    def told(self, *words: str) -> tuple[int, Any]:
        foreign = dict.fromkeys(name for name in os.environ if name.startswith("TIEMCHUNG_"))
        done = CliRunner().invoke(app, ["register", *words, "--json"], env=foreign | self.environ)
        return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def house(tmp_path: Path, persons: Path) -> Iterator[House]:
    with StandIn(persons) as running:
        yield House(tmp_path, running)


def test_the_plan_counts_what_the_outbox_would_write_and_writes_nothing(house: House) -> None:
    before = house.files()
    foreseen = plan_requests(house.installation)
    assert (foreseen.to_ask, foreseen.never_asked, foreseen.new_batches) == (3, 3, (3,))
    assert foreseen.seconds(2) == 1.5
    assert house.files() == before
    prepare_requests(house.installation, house.clock)
    foreseen = plan_requests(house.installation)
    assert (foreseen.to_ask, [(b.state, b.rows) for b in foreseen.open_batches]) == (0, [("prepared", 3)])


def test_the_plan_tells_changed_subjects_and_those_of_a_failed_batch(house: House) -> None:
    prepare_requests(house.installation, house.clock)
    house.change("update verification.int_requests set content_digest = md5('b1') where subject_id = 1")
    foreseen = plan_requests(house.installation)
    assert (foreseen.to_ask, foreseen.changed) == (1, 1)
    with Ledger.open(house.installation.settings.ledger_url) as ledger:
        ledger.fail(ledger.batches()[0].batch_id, "TOO_LARGE")
    foreseen = plan_requests(house.installation)
    assert (foreseen.to_ask, foreseen.never_asked, foreseen.failed_before) == (3, 1, 2)
    _, batches = refused_rows(house.installation, 5)
    assert [(b.code, b.batches, b.rows) for b in batches] == [("TOO_LARGE", 1, 3)]


def test_what_the_register_refused_stands_there_with_its_remedy_and_address(house: House) -> None:
    house.exchange()
    code, told = house.told("refused")
    assert (code, told["batches"]) == (0, [])
    assert [(r["code"], r["rows"], r["addresses"]) for r in told["rows"]] == [
        ("INVALID_NUMBER", 1, [["P1", "t.s", 3]])
    ]
    assert "Correct the number" in told["rows"][0]["remedy"]["en"]


def test_what_was_refused_is_asked_again_by_order_and_once_an_order(house: House) -> None:
    house.exchange()
    assert house.told("retry", "--code", "INVALID_NUMBER") == (
        0,
        {"code": "INVALID_NUMBER", "batches": 1, "rows": 1},
    )
    assert house.told("retry", "--code", "INVALID_NUMBER")[1]["rows"] == 0
    before = plan_requests(house.installation)
    assert (before.to_ask, [batch.rows for batch in before.open_batches]) == (0, [1])
    house.exchange()
    assert house.told("refused")[1]["rows"][0]["rows"] == 1
    assert house.told("retry", "--code", "INVALID_NUMBER")[1]["rows"] == 1
    house.exchange()
    with duckdb.connect(house.home / "warehouse.duckdb") as connection:
        asked = connection.execute(
            "select subject_id, asking from verification.answers order by all"
        ).fetchall()
    assert asked == [(1, 0), (2, 0), (3, 0), (3, 1), (3, 2)]
    assert house.told("reconcile")[1]["register"][0]["verdict"] == "equal"


def test_a_correction_at_its_source_is_asked_without_an_order(house: House) -> None:
    house.exchange()
    house.change(
        "update verification.int_requests set so_dinh_danh = '001190000002', content_digest = md5('b3')"
        " where subject_id = 3"
    )
    assert house.told("retry", "--code", "INVALID_NUMBER")[1]["rows"] == 0
    house.exchange()
    assert house.told("refused")[1]["rows"] == []


@pytest.mark.parametrize(
    ("code", "message"), [("TOO_LARGE", "without an order"), ("x", "INVALID_NUMBER"), ("", "INVALID_NUMBER")]
)
def test_only_codes_of_rows_are_asked_again(house: House, code: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        ask_again(house.installation, code, house.clock)


def test_three_sides_that_agree_are_equal(house: House) -> None:
    house.exchange()
    code, told = house.told("reconcile")
    assert (code, told["is_settled"]) == (0, True)
    assert {day["verdict"] for day in [*told["register"], *told["vendor_log"]]} == {"equal"}
    assert [day["register"]["rows"] for day in told["register"]] == [3]


def test_a_register_that_was_started_anew_is_named(
    house: House, persons: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    house.exchange()
    empty = tmp_path_factory.mktemp("told") / "statistics.json"
    empty.write_text('{"days": []}')
    found = reconcile(house.installation, empty, 2)
    assert [c.reason for day in found.register for c in day.causes] == ["register_forgot"]
    assert found.is_settled
    assert found.register_addresses == ((("P1", "t.s", 1), ("P1", "t.s", 2)),)


@pytest.mark.parametrize(
    ("change", "exit_code", "expected"),
    [
        ("update staging.stg_vendor__sync_log set subject_count = 2 where _row = 2", 0, ["held"]),
        ("update staging.stg_vendor__sync_log set subject_count = 3 where _row = 2", 1, []),
        ("delete from staging.stg_vendor__sync_log where _row = 2", 0, ["recorded_after_the_log_ends"]),
        ("delete from staging.stg_vendor__sync_log where _row = 1", 1, []),
        ("update staging.stg_vendor__sync_log set subject_count = 1 where _row = 1", 1, []),
    ],
)
def test_the_vendors_log_is_explained_only_by_what_was_not_asked(
    house: House, change: str, exit_code: int, expected: list[str]
) -> None:
    house.exchange()
    house.change(change)
    code, told = house.told("reconcile")
    assert code == exit_code
    assert [c["reason"] for day in told["vendor_log"] for c in day["causes"]] == expected


def test_subjects_waiting_and_subjects_without_a_request_are_told_apart(house: House) -> None:
    house.change("delete from verification.int_requests where subject_id = 1")
    found = reconcile(house.installation, None, 9)
    assert found.log is not None
    causes = {day.day.day: dict(day.causes) for day in found.log}
    assert causes == {2: {"waiting": 1, "without_request": 1}, 3: {"waiting": 1}}


def test_a_class_that_another_day_shows_uncounted_explains_nothing(house: House) -> None:
    house.change("insert into cleansing.int_subjects values (5, true, '2022-04-01 09:00+07', 'P1', 't.s', 5)")
    house.exchange()
    house.change("update staging.stg_vendor__sync_log set subject_count = 2 where _row = 2")
    code, told = house.told("reconcile")
    assert code == 1
    assert told["vendor_log"][1]["addresses"] == [["P1", "t.log", 2], ["P1", "t.s", 4]]


def test_a_log_that_was_not_delivered_settles_nothing(house: House) -> None:
    house.exchange()
    house.change("drop table staging.stg_vendor__sync_log")
    assert house.told("reconcile")[0] == 1


def test_without_a_warehouse_or_requests_there_is_nothing_to_tell(house: House) -> None:
    house.change("drop table verification.int_requests")
    with pytest.raises(UsageError, match="no requests"):
        plan_requests(house.installation)
    (house.home / "warehouse.duckdb").unlink()
    with pytest.raises(WarehouseError, match="no warehouse") as missing:
        plan_requests(house.installation)
    assert exit_code_of(missing.value) == 2


def test_batches_that_became_too_large_are_cut_anew_in_the_same_exchange(
    persons: Path, tmp_path: Path
) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults: [{kind: shrinking_limits, rows: 1, requests: [1]}]", "utf-8")
    with StandIn(persons, faults=faults) as shrinking:
        house = House(tmp_path / "home", shrinking)
        house.exchange()
        with Ledger.open(house.installation.settings.ledger_url) as ledger:
            batches = [(str(batch.state), batch.row_count, batch.error_code) for batch in ledger.batches()]
    assert sorted(batches) == [("answered", 1, None)] * 3 + [("failed", 3, "BEYOND_LIMITS")]


def test_an_expired_credential_ends_the_exchange_and_a_renewed_one_goes_on(
    persons: Path, tmp_path: Path
) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults: [{kind: expired_credential, requests: [1]}]", "utf-8")
    with StandIn(persons, faults=faults) as running:
        house = House(tmp_path / "home", running)
        with pytest.raises(RegisterRefused, match="TIEMCHUNG_REGISTER_TOKEN"):
            house.exchange()
        house.exchange()
        assert house.told("reconcile")[1]["is_settled"]
