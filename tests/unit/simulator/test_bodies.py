"""Hostile bodies: each is refused with a code, none fills memory or disk, and the next good one is answered."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest

from orchestration.simulator.body import Packing
from orchestration.simulator.errors import Refusal, Refused
from orchestration.simulator.register import Limits, Register, open_register

LINE = b'{"row_ref":"1","SoDinhDanh":"001190000001"}\n'


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Register]:
    persons = tmp_path_factory.mktemp("persons") / "register.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"""copy (
                select '001190000001' as personal_id, null::varchar as cmnd9, null::boolean as is_cmnd9_superseded,
                    'Võ Huyền' as full_name, '1990' as date_of_birth, 'female' as sex, '01' as province_code
            ) to '{persons}' (format parquet)"""
        )
    limits = Limits(rows=1000, bytes=4 << 20)
    with open_register(
        persons, limits=limits, secret=b"s", clock=lambda: datetime(2022, 4, 6, tzinfo=UTC)
    ) as opened:
        yield opened


def ask(register: Register, content: bytes, packed: bytes | None = None) -> list[dict[str, object]]:
    key = hashlib.sha256(content).hexdigest()
    body = gzip.compress(content, mtime=0) if packed is None else packed
    answer, _ = register.verify(body, Packing.GZIP, Packing.GZIP, key=key, officer="a", purpose="b")
    return [json.loads(line) for line in gzip.decompress(answer).splitlines()]


@pytest.mark.parametrize(
    ("content", "packed", "refusal"),
    [
        (LINE, gzip.compress(LINE, mtime=0)[:-1], Refusal.BODY_NOT_GZIP),
        (LINE, gzip.compress(LINE, mtime=0)[:15], Refusal.BODY_NOT_GZIP),
        (LINE, gzip.compress(LINE, mtime=0) + b"x", Refusal.BODY_NOT_GZIP),
        (LINE, gzip.compress(LINE, mtime=0) * 2, Refusal.BODY_NOT_GZIP),
        (LINE, b"", Refusal.BODY_NOT_GZIP),
        (LINE, LINE, Refusal.BODY_NOT_GZIP),
        (b"", None, Refusal.BODY_NOT_NDJSON),
        (b"\n\n", None, Refusal.BODY_NOT_NDJSON),
        (LINE[:-2], None, Refusal.BODY_NOT_NDJSON),
        (LINE + b'{"row_ref":', None, Refusal.BODY_NOT_NDJSON),
        (b"[" + LINE + b"]", None, Refusal.BODY_NOT_NDJSON),
        (b"1\n", None, Refusal.BODY_NOT_NDJSON),
        (b'{"row_ref":"\xff"}\n', None, Refusal.BODY_NOT_NDJSON),
        (LINE.decode().encode("utf-16"), None, Refusal.BODY_NOT_NDJSON),
        (b"\xef\xbb\xbf" + LINE, None, Refusal.BODY_NOT_NDJSON),
        (b"\x00" * 1000, None, Refusal.BODY_NOT_NDJSON),
        (b'{"row_ref":"1","row_ref":"2"}\n', None, Refusal.BODY_NOT_NDJSON),
        (b"null\n", None, Refusal.ROW_REF_INVALID),
        (b'{"x":"1"}\n', None, Refusal.ROW_REF_INVALID),
        (b'{"row_ref":{"a":1}}\n', None, Refusal.ROW_REF_INVALID),
        (b'{"row_ref":"a\\u0000"}\n', None, Refusal.ROW_REF_INVALID),
        (LINE + LINE, None, Refusal.ROW_REF_INVALID),
        (b" " * (5 << 20), None, Refusal.TOO_LARGE),
        (b"".join(b'{"row_ref":"%d"}\n' % n for n in range(1001)), None, Refusal.TOO_MANY_ROWS),
    ],
)
def test_a_hostile_body_gets_its_code_and_leaves_nothing_behind(
    register: Register, content: bytes, packed: bytes | None, refusal: Refusal
) -> None:
    with pytest.raises(Refused) as caught:
        ask(register, content, packed)
    assert caught.value.refusal is refusal
    assert [path.name for path in register.spool.iterdir() if path.suffix in (".ndjson", ".answer")] == []
    assert ask(register, LINE)[0]["fitting"] == 1


def test_a_bomb_is_stopped_at_the_limit(register: Register) -> None:
    bomb = gzip.compress(b"\0" * (200 << 20), 9)
    assert len(bomb) < 300_000
    with pytest.raises(Refused) as caught:
        ask(register, b"", bomb)
    assert caught.value.refusal is Refusal.TOO_LARGE


def test_a_key_of_other_content_is_refused_before_anything_is_read(register: Register) -> None:
    with pytest.raises(Refused) as caught:
        ask(register, LINE, gzip.compress(b"{", mtime=0))
    assert caught.value.refusal is Refusal.KEY_MISMATCH


@pytest.mark.parametrize(
    "name", ["[" * 200_000 + "]" * 200_000, "'; drop table persons; --", "\u0000", "%s{}", "x" * (2 << 20)]
)
def test_what_a_name_holds_is_never_more_than_a_name(register: Register, name: str) -> None:
    row = {"row_ref": "1", "SoDinhDanh": "001190000001", "HoVaTen": name}
    (verdict,) = ask(register, json.dumps(row).encode())
    assert verdict.get("error_code") in (None, "INVALID_NAME")
    assert ask(register, LINE)[0]["fitting"] == 1


def test_fields_of_other_types_are_refused_row_by_row(register: Register) -> None:
    row = {"row_ref": 1, "SoDinhDanh": {"a": 1}, "HoVaTen": ["x"], "NgayThangNamSinh": True, "GioiTinh": 1}
    assert ask(register, json.dumps(row).encode())[0].get("error_code") == "INVALID_NUMBER"
