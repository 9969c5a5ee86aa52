"""Events reach a file or an HTTP receiver; one that does not take them is named, and the token is not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

from orchestration.interchange.errors import NotReceivedError
from orchestration.interchange.receiver import send
from orchestration.settings import Settings
from orchestration.variables import SettingsError
from tests.openlineage import read_event

RUN = "5bd4f87e-0888-4020-9fe0-fac431ea3b82"
TOKEN = "a-secret-of-the-receiver"


def events(count: int) -> list[RunEvent]:
    at = datetime(2022, 4, 8, tzinfo=UTC).isoformat()
    return [
        RunEvent(
            eventType=RunState.START, eventTime=at, run=Run(RUN), job=Job("t", f"job.{n}"), producer="urn:x"
        )
        for n in range(count)
    ]


class Receiver(ThreadingHTTPServer):
    """Takes an event that is valid and comes with the token; answers 4xx to others, and ``broken`` to all."""

    taken: list[RunEvent]
    broken: int | None = None


class _Answer(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.broken or self._judge(json.loads(body))
        self.send_response(status)
        if status in {301, 302}:
            self.send_header("Location", "/login")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _judge(self, told: dict[str, object]) -> int:
        if self.path != "/api/v1/lineage" or self.headers["Authorization"] != f"Bearer {TOKEN}":
            return 401
        try:
            self.server.taken.append(read_event(told))
        except Exception:  # noqa: BLE001 - whatever the strict reader refuses
            return 422
        return 201

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def receiving(broken: int | None = None) -> Iterator[tuple[Receiver, str]]:
    with Receiver(("127.0.0.1", 0), _Answer) as server:
        server.taken, server.broken = [], broken
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_receiver_that_reads_by_the_schemas_takes_every_event_in_order() -> None:
    with receiving() as (server, address):
        assert send(events(3), address, TOKEN) == 3
    assert [event.job.name for event in server.taken] == ["job.0", "job.1", "job.2"]


def test_a_file_gets_one_event_a_line_after_those_it_has(tmp_path: Path) -> None:
    for _ in range(2):
        send(events(2), str(tmp_path / "events.ndjson"))
    lines = (tmp_path / "events.ndjson").read_text("utf-8").splitlines()
    assert [read_event(json.loads(line)).job.name for line in lines] == ["job.0", "job.1"] * 2


@pytest.mark.parametrize(("broken", "wanted"), [(500, "status 500"), (422, "status 422"), (302, "redirects")])
def test_an_event_that_is_not_taken_is_told_of_without_the_token(broken: int, wanted: str) -> None:
    with receiving(broken) as (_, address), pytest.raises(NotReceivedError, match=wanted) as raised:
        send(events(2), address, TOKEN)
    assert address in str(raised.value)
    assert TOKEN not in str(raised.value)


def test_without_its_token_a_receiver_takes_nothing() -> None:
    with receiving() as (server, address), pytest.raises(NotReceivedError, match="status 401; 0 went before"):
        send(events(1), address)
    assert server.taken == []


def test_a_receiver_that_takes_them_too_slowly_is_not_waited_for(tmp_path: Path) -> None:
    ticks = iter([0.0, 1.0, 2.0, 46.0])
    with pytest.raises(NotReceivedError, match="more than 45 s for them; 2 went before"):
        send(events(5), str(tmp_path / "events.ndjson"), clock=lambda: next(ticks))


def test_a_receiver_that_is_not_there_is_told_of() -> None:
    with receiving() as (_, address):
        pass
    with pytest.raises(NotReceivedError, match="can't be reached"):
        send(events(1), address)


def test_a_file_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(NotReceivedError, match="can't be written"):
        send(events(1), str(tmp_path / "missing" / "events.ndjson"))


@pytest.mark.parametrize(
    "address",
    ["http://me:pass@host", "https://host/?token=x", "http://", "http://[::1", "ftp://host", "file:///x"],
)
def test_an_address_with_a_secret_in_it_is_refused_unrepeated(address: str) -> None:
    with pytest.raises(SettingsError, match="TIEMCHUNG_OPENLINEAGE_TOKEN") as raised:
        Settings.from_environ({"TIEMCHUNG_OPENLINEAGE": address})
    assert "pass" not in str(raised.value).replace("password", "")


def test_settings_hand_the_receiver_on_and_do_not_show_its_token() -> None:
    given = {"TIEMCHUNG_OPENLINEAGE": "https://host:5000", "TIEMCHUNG_OPENLINEAGE_TOKEN": TOKEN}
    settings = Settings.from_environ(given)
    assert Settings.from_environ(settings.to_environ()) == settings
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize("address", ["http://host:5000", "http://127.0.0.1.host"])
def test_a_token_does_not_travel_in_the_clear(address: str) -> None:
    given = {"TIEMCHUNG_OPENLINEAGE": address, "TIEMCHUNG_OPENLINEAGE_TOKEN": TOKEN}
    with pytest.raises(SettingsError, match="https"):
        Settings.from_environ(given)
