"""A clock that ticks, requests in a warehouse, and a scripted register on loopback that answers as told."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.population.caller import Caller
from orchestration.population.ledger import Ledger
from tests.register_requests import requests_of


@pytest.fixture
def asked_as() -> Caller:
    return Caller(agency="BYT", unit="BYT-CNTT", officer="CB01", purpose="thu")


@pytest.fixture
def clock() -> Callable[[], datetime]:
    ticks = iter(range(1_000_000))
    return lambda: datetime(2022, 4, 6, 2, tzinfo=UTC) + timedelta(seconds=next(ticks))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(f"sqlite:///{tmp_path}/ledger.sqlite") as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "ledger"


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """Four requests, named here out of the order of their numbers."""
    rows = """
        (1, '079190000004', null, 'Phạm Thị Hoa', '1993-03-04', '0', '79', md5('d1')::uuid),
        (2, '001190000001', null, 'Nguyễn Văn Hoà', '1990-12-31', '1', '01', md5('d2')::uuid),
        (3, null, '111111111', 'Trần Văn Sáu', '1960', null, '01', md5('d3')::uuid),
        (4, null, null, 'Võ Huyền', '1994-05-06', '0', '79', md5('d4')::uuid)
    """
    with duckdb.connect() as connection:
        connection.execute("create schema verification")
        connection.execute(f"create table verification.int_requests as {requests_of(f'values {rows}')}")
        yield connection


def verdict(row_ref: str, **changed: Any) -> dict[str, Any]:
    told = {
        "row_ref": row_ref,
        "acknowledged": True,
        "fitting": 0,
        "name": None,
        "date_of_birth": None,
        "sex": None,
    }
    return {**told, "superseding_token": None, "error_code": None, **changed}


@dataclass
class Reply:
    """One scripted answer. ``body`` None: a right answer to whatever was asked, after ``change`` had its way."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = lambda rows: rows


class Script(http.server.ThreadingHTTPServer):
    """A server on loopback that gives out its replies in order, then right answers, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Reply] = []
        self.for_key: dict[str, Reply] = {}
        self.later: list[Reply] = []
        self.greetings: list[int | None] = []
        self.rows_of: dict[str, list[str]] = {}
        self.limits = b'{"rows": 1000, "bytes": 1000000}'
        self.asked: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def keys(self) -> list[str]:
        return [headers["Idempotency-Key"] for headers in self.asked]


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Script
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/v1/verifications/"):
            key = self.path.rpartition("/")[2]
            reply = self.server.later.pop(0) if self.server.later else Reply()
            self._answer(key, reply)
            return
        status = self.server.greetings.pop(0) if self.server.greetings else None
        self._write(status or 200, {"Content-Type": "application/json"}, self.server.limits)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(dict(self.headers))
        plain = gzip.decompress(body)
        key = hashlib.sha256(plain).hexdigest()
        self.server.rows_of[key] = [json.loads(line)["row_ref"] for line in plain.splitlines()]
        scripted = self.server.for_key.get(key)
        self._answer(key, scripted or (self.server.replies.pop(0) if self.server.replies else Reply()))

    def _answer(self, key: str, reply: Reply) -> None:
        content = reply.body
        if content is None:
            rows = reply.change([verdict(row_ref) for row_ref in self.server.rows_of[key]])
            content = gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode())
        self._write(
            reply.status, {"Content-Encoding": "gzip", "Idempotency-Key": key, **reply.headers}, content
        )

    def _write(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = headers.get("Content-Length") is not None

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def script() -> Iterator[Script]:
    with Script() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def reply() -> type[Reply]:
    return Reply
