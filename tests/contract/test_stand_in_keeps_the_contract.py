"""What the stand-in answers, held against openapi.yaml."""

from __future__ import annotations

import hashlib
import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from orchestration.simulator.errors import Refusal
from orchestration.simulator.process import StandIn
from orchestration.simulator.register import Limits

ROW = {"row_ref": "1", "SoDinhDanh": "001190000001"}
LINE = json.dumps(ROW).encode() + b"\n"


def check(contract: dict[str, Any], schema: str, value: Any) -> None:
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}", **contract}).validate(value)


def documented_codes(contract: dict[str, Any]) -> set[str]:
    return set(contract["components"]["schemas"]["Error"]["properties"]["code"]["enum"])


def test_the_contract_is_valid_openapi(contract: dict[str, Any]) -> None:
    validate(contract)
    assert "simulation" in contract["info"]["description"]


def test_every_refusal_of_the_stand_in_is_documented_and_no_other(contract: dict[str, Any]) -> None:
    assert {refusal.name for refusal in Refusal} == documented_codes(contract)


NAME, BORN, SEX = "Nguyễn Văn Hoà", "1990-12-31", "1"
ME, CARD = {"SoDinhDanh": "001190000001"}, {"SoCMND": "111111111"}


@pytest.mark.parametrize(
    ("number", "name", "born", "sex", "expected"),
    [
        (ME, NAME, BORN, SEX, (1, "equal", "equal", "equal", False)),
        (ME, " NGUYỄN  văn HÒA", BORN, SEX, (1, "equal", "equal", "equal", False)),
        (ME, "Nguyễn Văn Hoà", BORN, SEX, (1, "equal", "equal", "equal", False)),
        (ME, "Nguyễn Văn Hoá", BORN, SEX, (1, "different", "equal", "equal", False)),
        (ME, "Nguyen Van Hoa", BORN, SEX, (1, "different", "equal", "equal", False)),
        (ME, "Văn Nguyễn Hoà", BORN, SEX, (1, "different", "equal", "equal", False)),
        (ME, NAME, "1990", SEX, (1, "equal", "year_equal", "equal", False)),
        (ME, NAME, "1991", SEX, (1, "equal", "different", "equal", False)),
        (ME, NAME, "1990-12-30", "0", (1, "equal", "different", "different", False)),
        (ME, None, None, None, (1, "missing", "missing", "missing", False)),
        (CARD, NAME, BORN, SEX, (1, "equal", "equal", "equal", True)),
        ({"SoCMND": "222222222"}, NAME, BORN, SEX, (2, None, None, None, False)),
        ({"SoCMND": "000000001"}, NAME, BORN, SEX, (0, None, None, None, False)),
        ({"SoDinhDanh": "001190000009"}, NAME, BORN, SEX, (0, None, None, None, False)),
        (
            {"SoDinhDanh": "001190000003"},
            "Lê Văn Ðạt",
            "1992-02-03",
            "1",
            (1, "equal", "year_equal", "equal", False),
        ),
        ({}, NAME, BORN, SEX, (1, None, None, None, False)),
        ({}, NAME, "1990", SEX, (0, None, None, None, False)),
        ({}, NAME, BORN, None, (0, None, None, None, False)),
        ({}, "Phạm Thị Hoa", "1993-03-04", "0", (0, None, None, None, False)),
    ],
)
def test_a_row_is_judged_as_the_contract_says(
    caller: Any,
    contract: dict[str, Any],
    number: dict[str, str],
    name: str | None,
    born: str | None,
    sex: str | None,
    expected: tuple[Any, ...],
) -> None:
    row = {
        "row_ref": "r",
        **number,
        "HoVaTen": name,
        "NgayThangNamSinh": born,
        "GioiTinh": sex,
        "MaTinh": "01",
    }
    (verdict,) = caller.ask(row)
    check(contract, "Row", row)
    check(contract, "Verdict", verdict)
    token = verdict.get("superseding_token")
    found = (*map(verdict.get, ("fitting", "name", "date_of_birth", "sex")), token is not None)
    assert found == expected
    assert (verdict["acknowledged"], "error_code" in verdict) == (True, False)
    assert None not in verdict.values()
    assert token is None or "001190000001" not in token


def test_twins_of_one_place_fit_without_number_as_several(caller: Any) -> None:
    row = {
        "row_ref": "1",
        "HoVaTen": "phạm thị hoa",
        "NgayThangNamSinh": "1993-03-04",
        "GioiTinh": "0",
        "MaTinh": "79",
    }
    assert caller.ask(row)[0]["fitting"] == 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"SoDinhDanh": "1"}, "INVALID_NUMBER"),
        ({"SoDinhDanh": "00119000000x"}, "INVALID_NUMBER"),
        ({"SoCMND": "1234567890"}, "INVALID_NUMBER"),
        ({"SoCMND": "111111111", "SoDinhDanh": "001190000001"}, "INVALID_NUMBER"),
        ({"HoVaTen": "x" * 201}, "INVALID_NAME"),
        ({"NgayThangNamSinh": "31/12/1990"}, "INVALID_DATE_OF_BIRTH"),
        ({"NgayThangNamSinh": "1990-02-31"}, "INVALID_DATE_OF_BIRTH"),
        ({"GioiTinh": "Nam"}, "INVALID_SEX"),
    ],
)
def test_a_malformed_row_is_refused_alone(
    caller: Any, contract: dict[str, Any], fields: dict[str, str], code: str
) -> None:
    good, bad = caller.ask({"row_ref": "a", "SoDinhDanh": "001190000001"}, {"row_ref": "b", **fields})
    if good["row_ref"] == "b":
        good, bad = bad, good
    check(contract, "Verdict", bad)
    assert (bad["acknowledged"], bad["error_code"], "fitting" in bad) == (False, code, False)
    assert good["fitting"] == 1


@pytest.mark.parametrize(
    ("status", "code", "content", "packed", "headers"),
    [
        (400, "BODY_NOT_GZIP", LINE, LINE, {}),
        (400, "BODY_NOT_NDJSON", b"{", None, {}),
        (400, "ROW_REF_INVALID", LINE + LINE, None, {}),
        (400, "HEADER_INVALID", LINE, None, {"X_MaYeuCau": "short"}),
        (400, "HEADER_INVALID", LINE, None, {"X_MaCanBo": None}),
        (401, "UNAUTHENTICATED", LINE, None, {"Authorization": "Bearer wrong"}),
        (401, "UNAUTHENTICATED", LINE, None, {"Authorization": None}),
        (415, "MEDIA_TYPE", LINE, None, {"Content_Type": "application/json"}),
        (415, "MEDIA_TYPE", LINE, LINE, {"Content_Encoding": None}),
        (422, "KEY_MISMATCH", LINE, None, {"Idempotency_Key": "0" * 64}),
    ],
)
def test_a_bad_request_gets_its_documented_code(
    caller: Any,
    contract: dict[str, Any],
    status: int,
    code: str,
    content: bytes,
    packed: bytes | None,
    headers: dict[str, str | None],
) -> None:
    response = caller.post(content, packed, **headers)
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert str(status) in contract["paths"]["/v1/verifications"]["post"]["responses"]
    check(contract, "Error", response.json())


def test_announced_limits_are_enforced(call: Any, persons: Path, contract: dict[str, Any]) -> None:

    with StandIn(persons, limits=Limits(rows=2, bytes=300)) as narrow:
        caller = call(narrow)
        announced = caller.get("/v1/limits").json()
        check(contract, "Limits", announced)
        assert announced == {"rows": 2, "bytes": 300}
        many = "".join(json.dumps({"row_ref": str(n)}) + "\n" for n in range(3)).encode()
        assert caller.post(many).json()["code"] == "TOO_MANY_ROWS"
        assert caller.post(b" " * 301).json()["code"] == "TOO_LARGE"
        noise = secrets.token_bytes(400)
        assert caller.post(noise, noise).json()["code"] == "TOO_LARGE"


def test_a_key_that_comes_twice_counts_once(call: Any, persons: Path, contract: dict[str, Any]) -> None:

    with StandIn(persons) as fresh:
        caller = call(fresh)
        first, second = caller.post(LINE), caller.post(LINE)
        assert first.content == second.content
        assert first.headers["Idempotency-Key"] == hashlib.sha256(LINE).hexdigest()
        statistics = caller.get("/v1/statistics").json()
        check(contract, "Statistics", statistics)
        (day,) = statistics["days"]
        assert (day["batches"], day["repeats"], day["rows"], day["found"]) == (1, 1, 1, 1)
        assert caller.get(f"/v1/statistics?day={day['day']}").json() == statistics
        assert caller.get("/v1/statistics?day=2001-01-01").json() == {"days": []}
        assert caller.get("/v1/statistics?day=x").json()["code"] == "PARAMETER_INVALID"


def test_health_needs_no_credential_and_all_else_does(caller: Any) -> None:
    assert caller.get("/v1/health", Authorization="").json() == {"status": "ok"}
    for path in ("/v1/limits", "/v1/statistics"):
        refused = caller.get(path, Authorization="Bearer wrong")
        assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert caller.get("/v1/nothing").json()["code"] == "NOT_FOUND"
    assert caller.get("/v1/verifications").json()["code"] == "METHOD_NOT_ALLOWED"


def test_the_answer_is_gzip_of_as_many_rows_as_it_says(caller: Any) -> None:
    response = caller.post(LINE)
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["X-Rows"] == str(len(response.text.splitlines())) == "1"
