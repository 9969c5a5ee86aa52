"""The real client against the real stand-in: prepare, send, publish, again after faults."""

from __future__ import annotations

import gzip
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jsonschema import Draft202012Validator

from orchestration.population.caller import Caller
from orchestration.population.client import RegisterClient
from orchestration.population.errors import (
    BatchRefused,
    ExchangeIncomplete,
    OutsideHours,
    RegisterRefused,
    RegisterUnavailable,
)
from orchestration.population.ledger import BatchState, Ledger
from orchestration.population.outbox import Outbox, prepare
from orchestration.population.pace import Hours, Pace
from orchestration.population.persistence import Patience
from orchestration.population.publish import publish
from orchestration.population.transfer import TransferSummary, send_open
from orchestration.simulator.errors import SimulatorError
from orchestration.simulator.process import StandIn
from orchestration.simulator.register import Limits
from tests.register_requests import requests_of

ASKED_AS = Caller("BYT", "BYT-CNTT", "CB01", "thu")
AT_ONCE = Patience(connect=2, read=20, sendings=1)
HOURS_HOLD = datetime(2022, 4, 6, 1, 59, tzinfo=UTC)
HOURS_OVER = datetime(2022, 4, 6, 2, 0, tzinfo=UTC)
"""In Viet Nam a minute before nine, and nine."""
ROWS = """
    (1, '001190000001', null,        'Nguyễn Văn Hoà', '1990-12-31', '1',  '01', md5('a1')::uuid),
    (2, null,           '111111111', 'Nguyễn Văn Hoa', '1990',       '1',  '01', md5('a2')::uuid),
    (3, null,           null,        'Võ Huyền',       '1994-05-06', '0',  '79', md5('a3')::uuid),
    (4, '001190000009', null,        'Ai Đó',          '1980',       null, '01', md5('a4')::uuid),
    (5, null,           '222222222', 'Lê Văn Đạt',     '1992',       '1',  '79', md5('a5')::uuid)
"""


class House:
    """A warehouse with requests, and the ledger beside it."""

    def __init__(self, home: Path, ledger: Ledger, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder, self.ledger, self.connection = home / "ledger", ledger, connection
        self._now = datetime(2022, 4, 6, 2, tzinfo=UTC)

    def clock(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def request(self, rows: str) -> None:
        self.connection.execute("create schema if not exists verification")
        self.connection.execute(
            f"create or replace table verification.int_requests as {requests_of(f'values {rows}')}"
        )

    def prepare(self, batch_rows: int = 2) -> Outbox:
        return prepare(
            self.connection,
            self.ledger,
            self.folder,
            asked_as=ASKED_AS,
            batch_rows=batch_rows,
            clock=self.clock,
        )

    def send(self, url: str, token: str, in_flight: int = 1) -> TransferSummary:
        with RegisterClient(url, token, ASKED_AS, AT_ONCE) as client:
            summary = send_open(self.ledger, client, self.folder, clock=self.clock, in_flight=in_flight)
        publish(self.connection, self.ledger, self.folder)
        return summary

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger, duckdb.connect() as connection:
        made = House(tmp_path, ledger, connection)
        made.request(ROWS)
        yield made


ANSWERS = """
    select subject_id, is_acknowledged, fitting_count, name_comparison, date_of_birth_comparison, sex_comparison,
        superseding_token is not null, error_code
    from verification.answers order by subject_id
"""


def test_every_request_comes_back_as_one_published_answer(house: House, stand_in: StandIn) -> None:
    assert house.prepare() == Outbox(batches=3, rows=5)
    assert house.send(stand_in.url, stand_in.token) == TransferSummary(
        batches=3, rows=5, answered=5, failed=0
    )
    assert house.rows(ANSWERS) == [
        (1, True, 1, "equal", "equal", "equal", False, None),
        (2, True, 1, "different", "year_equal", "equal", True, None),
        (3, True, 1, None, None, None, False, None),
        (4, True, 0, None, None, None, False, None),
        (5, True, 2, None, None, None, False, None),
    ]
    assert house.rows("select distinct batch_state, count(*) from verification.transfers group by 1") == [
        ("answered", 5)
    ]


def test_several_batches_at_once_come_to_the_answers_of_one_by_one(house: House, stand_in: StandIn) -> None:
    house.prepare(batch_rows=1)
    assert house.send(stand_in.url, stand_in.token, in_flight=3) == TransferSummary(5, 5, 5, 0)
    assert [row[2] for row in house.rows(ANSWERS)] == [1, 1, 1, 0, 2]


def test_a_second_run_with_nothing_changed_asks_nothing(house: House, persons: Path) -> None:
    with StandIn(persons) as fresh:
        house.prepare()
        house.send(fresh.url, fresh.token)
    assert house.prepare() == Outbox(batches=0, rows=0)
    assert house.send("http://127.0.0.1:9", "nobody is there") == TransferSummary(0, 0, 0, 0)


def test_only_new_and_changed_rows_are_asked_the_next_day(house: House, stand_in: StandIn) -> None:
    house.prepare()
    house.send(stand_in.url, stand_in.token)
    house.request(
        ROWS.replace("'a4'", "'b4'")
        + ", (6, null, null, 'Mới Đến', '1999-01-01', '1', '01', md5('a6')::uuid)"
    )
    assert house.prepare() == Outbox(batches=1, rows=2)
    house.send(stand_in.url, stand_in.token)
    assert house.rows(
        "select subject_id, count(*) from verification.answers group by 1 having count(*) > 1"
    ) == [(4, 2)]


def test_files_of_a_ledger_whose_digests_were_text_are_read_beside_new_ones(
    house: House, stand_in: StandIn
) -> None:
    house.prepare()
    for index in house.folder.glob("batches/*.index.parquet"):
        earlier = index.with_suffix(".earlier")
        duckdb.sql(
            f"from read_parquet('{index}') select * replace"
            " (replace(content_digest::varchar, '-', '') as content_digest)"
        ).write_parquet(str(earlier))
        earlier.replace(index)
    house.send(stand_in.url, stand_in.token)
    house.request(ROWS.replace("'a4'", "'b4'"))
    assert house.prepare() == Outbox(batches=1, rows=1)
    house.send(stand_in.url, stand_in.token)
    assert house.rows(
        "select subject_id, content_digest = md5('b4')::uuid from verification.answers"
        " where subject_id > 3 order by all"
    ) == [(4, False), (4, True), (5, False)]
    house.request(ROWS.replace("'a4'", "'b4'").replace("::uuid", ""))
    assert house.prepare() == Outbox(batches=0, rows=0)


def test_a_register_that_is_down_leaves_batches_prepared_and_the_next_run_sends_them(
    house: House, persons: Path
) -> None:
    house.prepare()
    keys = {batch.batch_id for batch in house.ledger.batches()}
    with pytest.raises(RegisterUnavailable, match="run again"):
        house.send("http://127.0.0.1:9", "none")
    assert {batch.state for batch in house.ledger.batches()} == {BatchState.PREPARED}
    with StandIn(persons) as back:
        assert house.send(back.url, back.token).rows == 5
    assert {batch.batch_id for batch in house.ledger.batches(BatchState.ANSWERED)} == keys


def test_a_register_that_dies_between_batches_is_asked_the_rest_later(house: House, persons: Path) -> None:
    house.prepare()
    with (
        StandIn(persons) as dying,
        RegisterClient(dying.url, dying.token, ASKED_AS, AT_ONCE) as client,
        pytest.raises(RegisterUnavailable),
    ):
        send_open(house.ledger, client, house.folder, clock=house.clock, on_progress=lambda *_: dying.kill())
    states = sorted(str(batch.state) for batch in house.ledger.batches())
    assert states == ["answered", "prepared", "sent"]
    with StandIn(persons) as back:
        assert house.send(back.url, back.token).batches == 2
    assert house.rows("select count(*), count(distinct subject_id) from verification.answers") == [(5, 5)]


def test_what_was_in_flight_when_a_register_dies_is_kept_or_asked_again(house: House, persons: Path) -> None:
    house.prepare(batch_rows=1)
    with (
        StandIn(persons) as dying,
        RegisterClient(dying.url, dying.token, ASKED_AS, AT_ONCE) as client,
        pytest.raises(RegisterUnavailable),
    ):
        send_open(
            house.ledger, client, house.folder, clock=house.clock, in_flight=2,
            on_progress=lambda *_: dying.kill(),
        )  # fmt: skip
    states = [str(batch.state) for batch in house.ledger.batches()]
    assert states.count("prepared") >= 1
    assert states.count("answered") >= 1
    with StandIn(persons) as back:
        house.send(back.url, back.token, in_flight=2)
    assert house.rows("select count(*), count(distinct subject_id) from verification.answers") == [(5, 5)]


def test_outside_the_hours_nobody_is_asked_and_everything_waits(house: House, stand_in: StandIn) -> None:
    house.prepare()
    never = Pace(hours=Hours.parsed("03:00-03:01"))
    with (
        RegisterClient(stand_in.url, stand_in.token, ASKED_AS, AT_ONCE) as client,
        pytest.raises(OutsideHours),
    ):
        send_open(house.ledger, client, house.folder, clock=house.clock, pace=never)
    assert {str(batch.state) for batch in house.ledger.batches()} == {"prepared"}
    assert house.send(stand_in.url, stand_in.token).rows == 5


def test_when_the_hours_end_meanwhile_the_rest_waits(house: House, stand_in: StandIn) -> None:
    house.prepare()
    moments = iter([HOURS_HOLD] * 3 + [HOURS_OVER] * 99)
    pace = Pace(hours=Hours.parsed("08:00-09:00"))
    with (
        RegisterClient(stand_in.url, stand_in.token, ASKED_AS, AT_ONCE) as client,
        pytest.raises(OutsideHours),
    ):
        send_open(house.ledger, client, house.folder, clock=lambda: next(moments), in_flight=2, pace=pace)
    states = sorted(str(batch.state) for batch in house.ledger.batches())
    assert states == ["answered", "prepared", "prepared"]


def test_a_wrong_token_stops_the_exchange_and_loses_nothing(house: House, stand_in: StandIn) -> None:
    house.prepare()
    with pytest.raises(RegisterRefused, match="TIEMCHUNG_REGISTER_TOKEN"):
        house.send(stand_in.url, "wrong")
    assert house.send(stand_in.url, stand_in.token).rows == 5


def test_batches_beyond_the_announced_limits_are_cut_anew(house: House, persons: Path) -> None:
    with StandIn(persons, limits=Limits(rows=2, bytes=1 << 20)) as narrow:
        house.prepare(batch_rows=5)
        with pytest.raises(ExchangeIncomplete, match="BEYOND_LIMITS") as caught:
            house.send(narrow.url, narrow.token)
        assert isinstance(caught.value.faults[0], BatchRefused)
        assert house.prepare(batch_rows=5) == Outbox(batches=3, rows=5)
        assert house.send(narrow.url, narrow.token).rows == 5
    assert house.rows("select count(*), count(distinct subject_id) from verification.answers") == [(5, 5)]


def test_the_bodies_are_rows_of_the_contract(
    house: House, contract: dict[str, Any], check: Callable[[Any], None]
) -> None:
    house.prepare()
    lines = [
        line
        for path in (house.folder / "batches").glob("*.ndjson.gz")
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    assert len(lines) == 5
    for line in lines:
        check(json.loads(line))


@pytest.fixture
def check(contract: dict[str, Any]) -> Callable[[Any], None]:
    return Draft202012Validator({"$ref": "#/components/schemas/Row", **contract}).validate


def test_the_book_of_the_register_and_the_ledger_agree(house: House, persons: Path, call: Any) -> None:
    with StandIn(persons) as fresh:
        house.prepare()
        house.send(fresh.url, fresh.token)
        (day,) = call(fresh).get("/v1/statistics").json()["days"]
    answered = house.ledger.batches(BatchState.ANSWERED)
    assert (day["batches"], day["rows"]) == (len(answered), sum(batch.row_count for batch in answered))


def test_a_stand_in_without_persons_says_why_it_does_not_start(tmp_path: Path) -> None:
    with (
        pytest.raises(SimulatorError, match=r"none\.parquet cannot be loaded"),
        StandIn(tmp_path / "none.parquet"),
    ):
        pass


def test_a_stand_in_that_was_killed_leaves_no_files(
    persons: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with StandIn(persons) as dying:
        assert [path.name for path in tmp_path.rglob("register.duckdb")]
        dying.kill()
    assert list(tmp_path.iterdir()) == []


def test_the_stand_in_does_not_outlive_its_parent_and_leaves_no_files(persons: Path, tmp_path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from orchestration.simulator.process import StandIn\n"
        f"with StandIn(pathlib.Path({str(persons)!r})) as running:\n"
        "    print(running.pid, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=os.environ | {"TMPDIR": str(tmp_path)}, **pipes) as parent:
        assert parent.stdout is not None
        watch = os.pidfd_open(int(parent.stdout.readline()))
        os.kill(parent.pid, signal.SIGKILL)
    try:
        ended, _, _ = select.select([watch], [], [], 20)
        assert ended, "the stand-in still runs"
        assert list(tmp_path.iterdir()) == []
    finally:
        os.close(watch)
