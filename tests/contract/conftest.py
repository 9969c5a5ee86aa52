"""A small register behind a real server process, and the contract it is held to."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests
import yaml

from orchestration import population
from orchestration.simulator.process import StandIn

PERSONS = """
    ('001190000001', '111111111', true,  'Nguyễn Văn Hoà', '1990-12-31', 'male',   '01'),
    ('001190000002', '222222222', false, 'Trần Thị Thúy',  '1991-01-02', 'female', '01'),
    ('001190000003', '222222222', true,  'Lê Văn Đạt',     '1992',       'male',   '79'),
    ('079190000004', null,        null,  'Phạm Thị Hoa',   '1993-03-04', 'female', '79'),
    ('079190000005', null,        null,  'Phạm Thị Hoa',   '1993-03-04', 'female', '79'),
    ('079190000006', null,        null,  'Võ Huyền',       '1994-05-06', 'female', '79')
"""


@pytest.fixture(scope="session")
def persons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("register") / "register.parquet"
    columns = "personal_id, cmnd9, is_cmnd9_superseded, full_name, date_of_birth, sex, province_code"
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * from (values {PERSONS}) p({columns})) to '{path}' (format parquet)"
        )
    return path


@pytest.fixture(scope="module")
def stand_in(persons: Path) -> Iterator[StandIn]:
    with StandIn(persons) as running:
        yield running


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    path = Path(str(population.__file__)).parent / "contract" / "openapi.yaml"
    spec: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return spec


class Caller:
    """A caller of its own making, so that what the real client never sends can be sent."""

    def __init__(self, stand_in: StandIn) -> None:
        self.url = stand_in.url
        self.headers = {
            "Authorization": f"Bearer {stand_in.token}",
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "X-MaYeuCau": "a" * 40,
            "X-MaDVC": "BYT",
            "X-MaDonVi": "CNTT",
            "X-MaCanBo": "CB01",
            "X-MucDich": "thu",
        }

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.url + path, headers={**self.headers, **headers}, timeout=30)

    def post(self, content: bytes, packed: bytes | None = None, **changed: str | None) -> requests.Response:
        headers: dict[str, str | None] = {
            **self.headers,
            "Idempotency-Key": hashlib.sha256(content).hexdigest(),
            **{name.replace("_", "-"): value for name, value in changed.items()},
        }
        body = gzip.compress(content) if packed is None else packed
        sent = {name: value for name, value in headers.items() if value is not None}
        return requests.post(self.url + "/v1/verifications", data=body, headers=sent, timeout=30)

    def ask(self, *rows: dict[str, Any]) -> list[dict[str, Any]]:
        response = self.post("".join(json.dumps(row) + "\n" for row in rows).encode())
        assert response.status_code == 200, response.text
        return [json.loads(line) for line in response.text.splitlines()]


@pytest.fixture
def call() -> type[Caller]:
    return Caller


@pytest.fixture
def caller(stand_in: StandIn) -> Caller:
    return Caller(stand_in)
