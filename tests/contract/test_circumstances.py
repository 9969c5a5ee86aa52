"""A disk without room, a ledger that is held, a clock put back, two runs at once: a sentence, and no loss."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.population import database
from orchestration.population.errors import LedgerError
from orchestration.population.files import Rooms
from orchestration.population.ledger import BatchState, Ledger, Limits
from orchestration.simulator.process import StandIn
from orchestration.stages.exchange import exchange_with_register, prepare_requests
from tests.contract.test_accounts_with_stand_in import House as Installed
from tests.contract.test_exchange_with_stand_in import House
from tests.register_requests import requests_of

ROOM = 1 << 20
MANY = """
    select i + 1, '001190' || lpad(cast(i as varchar), 6, '0'), cast(null as varchar), 'Nguyễn Văn Hoà',
        '1990-12-31', '1', '01', sha256('a' || i)
    from range(20000) t(i)
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Requests whose index and whose answers, kept, are larger than the room there is: digests do not pack."""
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as ledger, duckdb.connect() as connection:
        made = House(tmp_path, ledger, connection)
        made.request("(1, null, null, null, null, null, null, null)")
        connection.execute(f"create or replace table verification.int_requests as {requests_of(MANY)}")
        yield made


@contextmanager
def little_room() -> Iterator[None]:
    """No file may grow beyond a mebibyte: writing ends as it does on a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_without_room_for_a_batch_leaves_none_and_the_next_run_writes_it(
    house: House, stand_in: StandIn
) -> None:
    with little_room(), pytest.raises(LedgerError, match="has room"):
        house.prepare(batch_rows=20_000)
    assert house.ledger.batches() == ()
    assert house.prepare(batch_rows=20_000).rows == 20_000
    assert sorted(path.suffix for path in (house.folder / "batches").iterdir()) == [".gz", ".parquet"]
    assert house.send(stand_in.url, stand_in.token).rows == 20_000


def test_a_disk_without_room_for_an_answer_keeps_the_batch_and_the_next_run_goes_on(
    house: House, persons: Path
) -> None:
    house.prepare(batch_rows=20_000)
    with StandIn(persons) as running:
        with little_room(), pytest.raises(LedgerError, match="has room"):
            house.send(running.url, running.token)
        (batch,) = house.ledger.batches()
        assert batch.state in (BatchState.SENT, BatchState.ACKNOWLEDGED)
        assert house.send(running.url, running.token).rows == 20_000
    assert house.rows("select count(*), count(distinct subject_id) from verification.answers") == [
        (20_000, 20_000)
    ]
    assert not list(house.folder.rglob("*.partial"))


def test_a_ledger_without_room_says_so(house: House) -> None:
    house.prepare(batch_rows=20_000)
    with sqlite3.connect(house.folder.parent / "ledger.sqlite") as connection:
        pages = connection.execute("pragma page_count").fetchone()[0]

    def full(opened: sqlite3.Connection, record: object) -> None:
        opened.execute(f"pragma max_page_count = {pages}").close()

    database.event.listen(
        house.ledger._engine, "checkout", lambda opened, record, proxy: full(opened, record)
    )
    with pytest.raises(LedgerError, match="disk has room"):
        _announce_often(house)


def _announce_often(house: House) -> None:
    for ordinal in range(1000):
        house.ledger.note_limits(Limits(ordinal + 1, 1), house.clock())


HOLD_DATABASE = """
import sqlite3, sys
held = sqlite3.connect(sys.argv[1], isolation_level=None)
held.execute("begin immediate")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_ledger_that_another_program_holds_is_waited_for_then_said_so(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = house.folder.parent / "ledger.sqlite"
    monkeypatch.setattr(database, "_LOCK_SECONDS", 0.1)
    command = [sys.executable, "-c", HOLD_DATABASE, str(ledger)]
    with (
        Ledger.open(f"sqlite:///{ledger}") as impatient,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other,
    ):
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(LedgerError, match="no other program holds it"):
            impatient.note_limits(Limits(1, 1), house.clock())
        assert impatient.last_limits() is None
        other.kill()
        other.wait()
        impatient.note_limits(Limits(1, 1), house.clock())
        assert impatient.last_limits() == Limits(1, 1)


HOLD = """
import fcntl, sys
with open(sys.argv[1], "w") as stream:
    fcntl.flock(stream, fcntl.LOCK_EX)
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_runs_at_once_are_one_and_a_sentence(persons: Path, tmp_path: Path) -> None:
    with StandIn(persons) as running:
        house = Installed(tmp_path / "home", running)
        folder = house.installation.settings.ledger_folder
        Rooms(folder).make()
        command = [sys.executable, "-c", HOLD, str(folder / "lock")]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"held\n"
            with pytest.raises(LedgerError, match="Another run"):
                prepare_requests(house.installation, house.clock)
            with pytest.raises(LedgerError, match="Another run"):
                exchange_with_register(house.installation, house.clock)
            other.kill()
        house.exchange()
        assert house.told("reconcile")[1]["is_settled"]


def test_a_clock_that_is_put_back_changes_no_answer(persons: Path, tmp_path: Path) -> None:
    moments = (datetime(2022, 4, 6, tzinfo=UTC) - timedelta(hours=n) for n in range(10_000))
    with StandIn(persons) as running:
        house = Installed(tmp_path / "home", running)
        house.clock = lambda: next(moments)  # type: ignore[method-assign]
        house.exchange()
        assert house.told("retry", "--code", "INVALID_NUMBER")[1]["rows"] == 1
        house.exchange()
        assert house.told("refused")[1]["rows"][0]["rows"] == 1
        house.change("update verification.int_requests set content_digest = md5('b1') where subject_id = 1")
        house.exchange()
    with duckdb.connect(house.home / "warehouse.duckdb") as connection:
        asked = connection.execute(
            "select subject_id, asking, content_digest = md5('b1')::uuid from verification.answers order by all"
        )
        assert asked.fetchall() == [
            (1, 0, False), (1, 0, True), (2, 0, False), (3, 0, False), (3, 1, False)
        ]  # fmt: skip


@pytest.mark.parametrize(
    "content", [b"", b"garbage that is no database at all" * 200, b"SQLite format 3\x00" + b"\0" * 99]
)
def test_a_ledger_that_is_none_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(content)
    if not content:
        with Ledger.open(f"sqlite:///{path}") as opened:
            assert opened.batches() == ()
        return
    with pytest.raises(LedgerError, match="cannot be read or written"), Ledger.open(f"sqlite:///{path}"):
        pass


def test_a_postgresql_that_is_not_there_is_a_sentence() -> None:
    with (
        pytest.raises(LedgerError, match="database runs"),
        Ledger.open("postgresql+psycopg://nobody:secret@127.0.0.1:1/none"),
    ):
        pass
