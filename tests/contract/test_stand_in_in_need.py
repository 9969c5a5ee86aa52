"""The stand-in misbehaving as it is told: what a caller sees, and a book that stays true."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import requests
import trustme
import yaml

from orchestration.population.caller import Caller as AskedAs
from orchestration.population.client import RegisterClient
from orchestration.population.errors import RegisterRefused
from orchestration.simulator.errors import SimulatorError
from orchestration.simulator.faults import Kind, read_faults
from orchestration.simulator.process import StandIn
from orchestration.simulator.register import Limits
from orchestration.simulator.server import Certificate

ROWS = [{"row_ref": str(n), "SoDinhDanh": f"00119000000{n}"} for n in range(1, 5)]


def lines(ordinal: int) -> bytes:
    """A batch of its own for each case."""
    rows = [{**row, "row_ref": f"{ordinal}-{row['row_ref']}"} for row in ROWS]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def rows_of(response: requests.Response) -> list[str]:
    return [json.loads(line)["row_ref"].partition("-")[2] for line in response.text.splitlines()]


def status(expected: int, code: str | None = None, **headers: str) -> Callable[[requests.Response], None]:
    def check(response: requests.Response) -> None:
        assert response.status_code == expected
        assert code is None or response.json()["code"] == code
        assert {name: response.headers.get(name.replace("_", "-")) for name in headers} == headers

    return check


def answered(*refs: str) -> Callable[[requests.Response], None]:
    def check(response: requests.Response) -> None:
        assert (response.status_code, sorted(rows_of(response))) == (200, sorted(refs))

    return check


def cut(response: requests.Response) -> None:
    assert response.status_code == 200
    assert response.text.count("\n") < len(ROWS)


def a_stranger(response: requests.Response) -> None:
    assert [line for line in response.text.splitlines() if json.loads(line)["row_ref"].startswith("x")]


def another_key(response: requests.Response) -> None:
    assert response.headers["Idempotency-Key"] != response.request.headers["Idempotency-Key"]


LOST = requests.ConnectionError
CUT_OFF = (requests.exceptions.ChunkedEncodingError, requests.ConnectionError)
UNREADABLE = requests.exceptions.ContentDecodingError
CASES: list[tuple[dict[str, Any], Any, bool]] = [
    (
        {"kind": "too_many_requests", "retry_after": 7},
        status(429, "TOO_MANY_REQUESTS", Retry_After="7"),
        False,
    ),
    ({"kind": "server_error"}, status(503, "UNAVAILABLE"), False),
    (
        {"kind": "server_error", "status": 500, "retry_after": 3},
        status(500, "INTERNAL", Retry_After="3"),
        False,
    ),
    ({"kind": "server_error", "status": 502, "body": "html"}, status(502), False),
    ({"kind": "server_error", "status": 504, "body": "none"}, status(504), False),
    ({"kind": "disconnect_before"}, LOST, False),
    ({"kind": "disconnect_after"}, LOST, True),
    ({"kind": "disconnect_within"}, CUT_OFF, True),
    ({"kind": "truncated", "bytes": 20}, cut, True),
    ({"kind": "corrupt"}, UNREADABLE, True),
    ({"kind": "wrong_reference"}, a_stranger, True),
    ({"kind": "duplicated_row"}, answered("1", "1", "2", "3", "4"), True),
    ({"kind": "missing_row"}, answered("2", "3", "4"), True),
    ({"kind": "reordered"}, answered("1", "2", "3", "4"), True),
    ({"kind": "wrong_key"}, another_key, True),
    ({"kind": "slow", "seconds": 0.2}, answered("1", "2", "3", "4"), True),
    ({"kind": "later"}, status(202, Retry_After="0"), True),
    ({"kind": "expired_credential"}, status(401, "CREDENTIAL_EXPIRED", WWW_Authenticate="Bearer"), False),
    ({"kind": "trickle", "seconds": 0.01}, None, True),
]


def planned(folder: Path, *faults: dict[str, Any], seed: int = 1) -> Path:
    path = folder / "faults.yaml"
    path.write_text(yaml.safe_dump({"seed": seed, "faults": list(faults)}), "utf-8")
    return path


@pytest.fixture(scope="module")
def in_need(persons: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """One server that shows each case once, in order."""
    faults = [{**fault, "requests": [ordinal]} for ordinal, (fault, *_) in enumerate(CASES, 1)]
    with StandIn(persons, faults=planned(tmp_path_factory.mktemp("faults"), *faults)) as running:
        yield running


def test_each_fault_is_what_it_says_and_the_book_stays_true(in_need: StandIn, call: Any) -> None:
    caller = call(in_need)
    counted = 0
    for ordinal, (fault, expected, is_counted) in enumerate(CASES, 1):
        if fault["kind"] == "trickle":
            _read_three_bytes(in_need, caller.headers, lines(ordinal))
            continue
        counted += is_counted
        if isinstance(expected, type | tuple):
            with pytest.raises(expected):
                caller.post(lines(ordinal)).text  # noqa: B018
        else:
            expected(caller.post(lines(ordinal)))
        days = caller.get("/v1/statistics").json()["days"]
        assert sum(day["batches"] for day in days) == counted, fault


def _read_three_bytes(register: StandIn, headers: dict[str, str], content: bytes) -> None:
    """The same byte again and again; whoever waits for the end waits as long as he has patience."""
    with requests.post(
        register.url + "/v1/verifications",
        data=gzip.compress(content, mtime=0),
        headers=headers | {"Idempotency-Key": _key(content)},
        stream=True,
        timeout=5,
    ) as response:
        assert response.raw.read(3, decode_content=False) == b"\x1f" * 3


def _key(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_every_kind_of_fault_is_shown_here() -> None:
    elsewhere = {
        "garbage",
        "extra_row",
        "never",
        "forget",
        "forget_book",
        "corrected_person",
        "shrinking_limits",
    }
    assert {fault["kind"] for fault, *_ in CASES} | elsewhere == {kind.label for kind in Kind}


def test_answers_that_come_later_never_and_not_any_longer(persons: Path, call: Any, tmp_path: Path) -> None:
    faults = planned(
        tmp_path,
        {"kind": "later", "polls": 1, "retry_after": 2, "requests": [1]},
        {"kind": "never", "requests": [4]},
        {"kind": "forget", "requests": [7]},
    )
    with StandIn(persons, faults=faults) as running:
        caller = call(running)
        taken = caller.post(lines(1))
        where = taken.headers["Location"]
        assert (taken.status_code, taken.headers["Retry-After"], taken.content) == (202, "2", b"")
        assert caller.get(where).status_code == 202
        fetched = caller.get(where)
        assert (fetched.status_code, rows_of(fetched)) == (200, ["1", "2", "3", "4"])
        assert fetched.headers["Idempotency-Key"] == _key(lines(1))
        where = caller.post(lines(4)).headers["Location"]
        assert [caller.get(where).status_code for _ in range(2)] == [202, 202]
        where = caller.post(lines(7)).headers["Location"]
        unknown = caller.get(where)
        assert (unknown.status_code, unknown.json()["code"]) == (404, "BATCH_UNKNOWN")
        assert caller.get(where, Authorization="").json()["code"] == "UNAUTHENTICATED"
        assert caller.get("/v1/verifications/x").json()["code"] == "PARAMETER_INVALID"
        assert caller.get(where, **{"X-MaCanBo": ""}).json()["code"] == "HEADER_INVALID"


def test_changes_of_the_register_itself(persons: Path, call: Any, tmp_path: Path) -> None:
    faults = planned(
        tmp_path,
        {"kind": "shrinking_limits", "rows": 2, "requests": [2]},
        {"kind": "forget_book", "requests": [4]},
        {"kind": "corrected_person", "percent": 100, "requests": [5]},
        {"kind": "garbage", "requests": [6]},
        {"kind": "extra_row", "requests": [7]},
    )
    asked = [{"row_ref": "1", "SoDinhDanh": "079190000004", "NgayThangNamSinh": "1993-03-04"}]
    with StandIn(persons, faults=faults) as running:
        caller = call(running)
        assert caller.post(lines(1)).status_code == 200
        assert caller.post(lines(2)).json()["code"] == "TOO_MANY_ROWS"
        assert caller.get("/v1/limits").json()["rows"] == 2
        assert caller.post(lines(1)).status_code == 200, (
            "a key that was counted is answered whatever the limits are"
        )
        assert caller.post(lines(1)).json()["code"] == "TOO_MANY_ROWS", "the book is forgotten"
        assert caller.ask(*asked)[0]["date_of_birth"] == "different"
        assert b"not json" in caller.post(json.dumps(asked[0]).encode()).content
        assert sorted(rows_of(caller.post(b'{"row_ref": "a-1"}\n{"row_ref": "-2"}'))) == ["1", "1", "2"]


def test_the_same_seed_gives_the_same_faults(tmp_path: Path) -> None:
    faults = [{"kind": "missing_row", "chance": 0.2}, {"kind": "corrupt", "chance": 0.2}]

    def kinds(seed: int) -> list[str]:
        made = read_faults(planned(tmp_path, *faults, seed=seed))
        return [fault.kind.label if (fault := made.next()) else "-" for _ in range(200)]

    assert kinds(1) == kinds(1) != kinds(2)
    assert 20 < kinds(1).count("missing_row") < 60


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "should hold"),
        (b"- 1", "should hold"),
        (b"faults: [", "not YAML"),
        (b"\xff\xfe", "not YAML"),
        (b"!!python/object/apply:os.system ['true']", "not YAML"),
        (b"faults: 1", "should be a list"),
        (b"seed: x\nfaults: []\nmore: 1", "unknown: more"),
        (b"faults: [{kind: nonsense, requests: [1]}]", "should be one of too_many_requests"),
        (b"faults: [1]", "should be one of"),
        (b"faults: [{kind: never}]", "either `chance` or `requests`"),
        (b"faults: [{kind: never, chance: 1, requests: [1]}]", "either `chance` or `requests`"),
        (b"faults: [{kind: never, chance: 1.5}]", "from 0 to 1"),
        (b"faults: [{kind: never, chance: .nan}]", "from 0 to 1"),
        (b"faults: [{kind: never, requests: [0]}]", "counted from 1"),
        (b"faults: [{kind: never, requests: [true]}]", "counted from 1"),
        (b"faults: [{kind: slow, requests: [1]}]", "needs `seconds`"),
        (b"faults: [{kind: slow, requests: [1], seconds: -1}]", "a number from 0"),
        (b"faults: [{kind: server_error, requests: [1], status: 418}]", "one of 500"),
        (b"faults: [{kind: never, requests: [1], word: 1}]", "does not take word"),
        (b"x" * 2_000_000, "should hold"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_all_that_is_wrong(
    tmp_path: Path, content: bytes, told: str
) -> None:
    path = tmp_path / "faults.yaml"
    path.write_bytes(content)
    with pytest.raises(SimulatorError, match=told):
        read_faults(path)
    with pytest.raises(SimulatorError, match="cannot be read"):
        read_faults(tmp_path / "none.yaml")


def test_rates_are_announced_and_the_day_is_bounded(
    persons: Path, call: Any, contract: dict[str, Any]
) -> None:
    with StandIn(persons, limits=Limits(batches_at_once=1, rows_per_second=9, rows_per_day=5)) as running:
        caller = call(running)
        told = caller.get("/v1/limits").json()
        assert (told["batches_at_once"], told["rows_per_second"], told["rows_per_day"]) == (1, 9, 5)
        assert caller.post(lines(1)).status_code == 200
        refused = caller.post(lines(2))
        assert (refused.json()["code"], 0 < int(refused.headers["Retry-After"]) <= 86_401) == (
            "TOO_MANY_REQUESTS",
            True,
        )
        assert caller.post(lines(1)).status_code == 200


def test_zstd_is_taken_and_given(caller: Any) -> None:
    packed = pa.compress(lines(1), "zstd", asbytes=True)
    told = caller.post(lines(1), packed, Content_Encoding="zstd", Accept_Encoding="gzip;q=0.5, zstd")
    assert told.headers["Content-Encoding"] == "zstd"
    with pa.CompressedInputStream(pa.BufferReader(told.raw.read() or told.content), "zstd") as stream:
        assert len(stream.read().splitlines()) == 4
    for body, code in ((packed[:-3], "BODY_NOT_GZIP"), (b"x" * 50, "BODY_NOT_GZIP"), (b"", "KEY_MISMATCH")):
        assert caller.post(lines(1), body, Content_Encoding="zstd").json()["code"] == code
    assert caller.post(lines(1), packed, Content_Encoding="br").json()["code"] == "MEDIA_TYPE"


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Certificate]:
    folder = tmp_path_factory.mktemp("tls")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    issued.cert_chain_pems[0].write_to_path(folder / "chain.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return folder / "ca.pem", Certificate(folder / "chain.pem", folder / "key.pem")


def test_only_the_authorities_that_are_named_are_trusted(
    persons: Path, certified: tuple[Path, Certificate], tmp_path: Path
) -> None:
    authorities, certificate = certified
    who = AskedAs("BYT", "BYT-CNTT", "CB01", "thu")
    with StandIn(persons, certificate=certificate) as running:
        assert running.url.startswith("https://")
        with RegisterClient(running.url, running.token, who, authorities=authorities) as client:
            assert client.greet().limits.rows == 1_000_000
        with (
            RegisterClient(running.url, running.token, who) as client,
            pytest.raises(RegisterRefused, match="TIEMCHUNG_REGISTER_CA"),
        ):
            client.greet()
    with pytest.raises(SimulatorError, match="certificate"):
        StandIn(persons, certificate=Certificate(certificate.key, certificate.chain)).__enter__()
