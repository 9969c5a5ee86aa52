"""Sending, believing and keeping answers, with a register that misbehaves on purpose."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.population import answers, client, passage
from orchestration.population.caller import Caller
from orchestration.population.client import RegisterClient
from orchestration.population.errors import (
    CallerInvalid,
    ExchangeIncomplete,
    LedgerError,
    RegisterRefused,
    RegisterUnavailable,
)
from orchestration.population.ledger import BatchState, Ledger
from orchestration.population.outbox import prepare
from orchestration.population.persistence import Patience
from orchestration.population.publish import publish
from orchestration.population.reading import Attempt, read_ledger
from orchestration.population.transfer import TransferSummary, send_open

PATIENCE = Patience(connect=2, read=5, poll=0, sendings=3, pause=0, longest_wait=2)
ONCE = replace(PATIENCE, sendings=1)


class Desk:
    """One ledger with two open batches (three rows and one), and a client of the scripted register."""

    def __init__(
        self,
        warehouse: Any,
        ledger: Ledger,
        folder: Path,
        caller: Caller,
        clock: Callable[[], datetime],
        url: str,
    ) -> None:
        self.warehouse, self.ledger, self.folder, self.clock = warehouse, ledger, folder, clock
        self.caller, self.url = caller, url
        self.waited: list[float] = []
        prepare(warehouse, ledger, folder, asked_as=caller, batch_rows=3, clock=clock)

    def send(self, patience: Patience = PATIENCE, **changed: Any) -> TransferSummary:
        with RegisterClient(
            self.url, "secret-token", self.caller, patience, sleep=self.waited.append, monotonic=self.passes
        ) as asking:
            return send_open(self.ledger, asking, self.folder, clock=self.clock, **changed)

    def passes(self) -> float:
        """The monotonic clock: what was waited for, and nothing else."""
        return sum(self.waited)

    def attempts(self) -> tuple[Attempt, ...]:
        with read_ledger(f"sqlite:///{self.folder.parent}/ledger.sqlite") as reading:
            return reading.attempts

    def states(self) -> list[str]:
        return [str(batch.state) for batch in self.ledger.batches()]

    def subjects(self) -> list[int]:
        publish(self.warehouse, self.ledger, self.folder)
        query = "select subject_id from verification.answers order by 1"
        return [subject for (subject,) in self.warehouse.execute(query).fetchall()]


@pytest.fixture
def desk(
    warehouse: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    folder: Path,
    asked_as: Caller,
    clock: Callable[[], datetime],
    script: Any,
) -> Desk:
    return Desk(warehouse, ledger, folder, asked_as, clock, script.url)


def test_progress_is_told_after_each_batch(desk: Desk) -> None:
    told: list[tuple[int, int]] = []
    assert desk.send(on_progress=lambda done, total: told.append((done, total))).rows == 4
    assert told == [(3, 4), (4, 4)]


def test_who_asks_and_why_stands_in_every_request(desk: Desk, script: Any) -> None:
    desk.send()
    headers = script.asked[0]
    assert (headers["X-MaDVC"], headers["X-MaDonVi"], headers["X-MaCanBo"], headers["X-MucDich"]) == (
        "BYT",
        "BYT-CNTT",
        "CB01",
        "thu",
    )
    assert len(headers["X-MaYeuCau"]) == 40
    assert headers["Authorization"] == "Bearer secret-token"


WITHOUT_NUMBER = "4"
Change = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


def fitting(row: dict[str, Any], persons: int) -> dict[str, Any]:
    """That many persons fit; only with one of them, and a number asked by, is anything compared."""
    is_compared = persons == 1 and row["row_ref"] != WITHOUT_NUMBER
    compared = dict.fromkeys(("name", "date_of_birth", "sex"), "equal" if is_compared else None)
    return {**row, "fitting": persons, **compared}


def first(**changed: Any) -> Change:
    return lambda rows: [{**rows[0], **changed}, *rows[1:]]


def found(**changed: Any) -> Change:
    """The first row fits one person, but for what is changed."""
    return lambda rows: [{**fitting(rows[0], 1), **changed}, *rows[1:]]


def without(*members: str) -> Change:
    """The first row fits one person, and its answer leaves these members out."""
    return lambda rows: [_cut(fitting(rows[0], 1), members), *rows[1:]]


def _cut(row: dict[str, Any], members: tuple[str, ...]) -> dict[str, Any]:
    return {member: value for member, value in row.items() if member not in members}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda rows: rows[1:], "1 rows asked without an answer"),
        (lambda rows: [*rows, rows[0]], "1 rows answered more than once"),
        (lambda rows: [*rows[1:], rows[1]], "1 rows answered more than once"),
        (first(row_ref="999"), "1 answers to rows never asked"),
        (first(row_ref="02"), "1 answers to rows never asked"),
        (first(row_ref=None), "1 answers to rows never asked"),
        (first(fitting=3), "1 answers with values the contract does not know"),
        (first(fitting=None), "1 answers with neither or both"),
        (first(error_code="INVALID_SEX"), "1 answers with neither or both"),
        (first(acknowledged=None), "1 answers with neither or both"),
        (first(acknowledged=False), "1 answers with neither or both"),
        (first(fitting=1), "1 answers with values the contract does not know"),
        (first(name="equal"), "1 answers with values the contract does not know"),
        (
            first(fitting=None, error_code="SOMEBODYS_NAME"),
            "1 answers with values the contract does not know",
        ),
        (found(fitting=0.6), "1 answers with values the contract does not know"),
        (found(name="similar"), "1 answers with values the contract does not know"),
        (found(date_of_birth="similar"), "1 answers with values the contract does not know"),
        (found(sex="year_equal"), "1 answers with values the contract does not know"),
        (found(superseding_token="1"), "1 answers with values the contract does not know"),
        (without("row_ref"), "1 rows asked without an answer"),
        (without("acknowledged"), "1 answers with neither or both"),
        (without("fitting"), "1 answers with neither or both"),
        (without("name"), "1 answers with values the contract does not know"),
        (without("date_of_birth"), "1 answers with values the contract does not know"),
        (without("sex"), "1 answers with values the contract does not know"),
        (without("name", "date_of_birth", "sex"), "1 answers with values the contract does not know"),
        (first(fitting="many"), "not NDJSON of the contract's rows"),
        (lambda rows: [], "3 rows asked without an answer"),
    ],
)
def test_an_answer_that_breaks_the_contract_is_put_aside_and_asked_again(
    desk: Desk, script: Any, reply: Any, change: Any, fault: str
) -> None:
    script.replies = [reply(change=change)]
    with pytest.raises(ExchangeIncomplete, match=fault):
        desk.send(ONCE)
    assert desk.states() == ["sent", "answered"]
    assert desk.subjects() == [4]
    assert len(list((desk.folder / "answers" / "faulty").iterdir())) == 1
    assert desk.send().rows == 3
    assert desk.subjects() == [1, 2, 3, 4]
    assert script.keys[0] == script.keys[2]


def test_what_says_nothing_may_be_left_out(desk: Desk, script: Any, reply: Any) -> None:
    def said(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            {member: value for member, value in fitting(row, 1).items() if value is not None} for row in rows
        ]

    script.replies = [reply(change=said), reply(change=said)]
    assert desk.send().rows == 4
    publish(desk.warehouse, desk.ledger, desk.folder)
    query = (
        "select subject_id, fitting_count, name_comparison, sex_comparison, superseding_token, error_code"
        " from verification.answers where subject_id in (1, 4) order by subject_id"
    )
    told = [(1, 1, "equal", "equal", None, None), (4, 1, None, None, None, None)]
    assert desk.warehouse.execute(query).fetchall() == told


@pytest.mark.parametrize("persons", [0, 1, 2])
def test_nothing_can_be_compared_where_no_number_was_asked_by(
    desk: Desk, script: Any, reply: Any, persons: int
) -> None:
    compared = {"fitting": persons, "name": "different", "date_of_birth": "equal", "sex": "equal"}
    script.replies = [reply(), reply(change=first(**compared))]
    with pytest.raises(ExchangeIncomplete, match="1 answers with values the contract does not know"):
        desk.send(ONCE)
    assert desk.subjects() == [1, 2, 3]


@pytest.mark.parametrize("given", [{"later": {"version": 2}}, {"fitting": "1"}, {"acknowledged": "true"}])
def test_members_it_does_not_know_and_values_written_as_text_are_taken_and_kept_as_they_came(
    desk: Desk, script: Any, reply: Any, given: dict[str, Any]
) -> None:
    script.replies = [reply(change=lambda rows: [{**fitting(row, 1), **given} for row in rows])]
    assert desk.send().rows == 4
    publish(desk.warehouse, desk.ledger, desk.folder)
    query = "select fitting_count, is_acknowledged from verification.answers where subject_id = 1"
    assert desk.warehouse.execute(query).fetchall() == [(1, True)]
    kept = b"".join(gzip.decompress(path.read_bytes()) for path in (desk.folder / "answers").glob("*.gz"))
    assert sum(json.loads(line).items() >= given.items() for line in kept.splitlines()) >= 3


@pytest.mark.parametrize("turned", [list, lambda rows: rows[::-1], lambda rows: [*rows[1:], rows[0]]])
def test_an_answer_belongs_to_the_row_it_names_in_whatever_order(
    desk: Desk, script: Any, reply: Any, turned: Any
) -> None:
    def numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return list(turned([fitting(row, int(row["row_ref"]) % 3) for row in rows]))

    script.replies = [reply(change=numbered), reply(change=numbered)]
    assert desk.send().rows == 4
    publish(desk.warehouse, desk.ledger, desk.folder)
    query = "select subject_id, fitting_count from verification.answers order by subject_id"
    assert desk.warehouse.execute(query).fetchall() == [(1, 1), (2, 2), (3, 0), (4, 1)]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (gzip.compress(b'{"row_ref": "2"', mtime=0)[:-9], "ends too early"),
        (b"no gzip at all", "not gzip"),
        (gzip.compress(b"{}\n", mtime=0) + b"more", "something follows"),
        (gzip.compress(b" " * 5_000_000, mtime=0), "holds more than"),
        (gzip.compress(b'{"row_ref": "2"', mtime=0), "not NDJSON"),
        (gzip.compress(b"\xff\xfe\n", mtime=0), "not NDJSON"),
    ],
    ids=["cut", "not gzip", "trailing bytes", "bomb", "broken JSON", "not UTF-8"],
)
def test_a_damaged_answer_is_never_believed(
    desk: Desk, script: Any, reply: Any, body: bytes, fault: str
) -> None:
    script.replies = [reply(body=body)]
    with pytest.raises(ExchangeIncomplete, match=fault):
        desk.send(ONCE)
    assert desk.send().rows == 3
    assert desk.subjects() == [1, 2, 3, 4]


@pytest.mark.parametrize("headers", [{"Idempotency-Key": "0" * 64}, {"Content-Encoding": "identity"}])
def test_an_answer_to_another_batch_or_unpacked_is_not_taken(
    desk: Desk, script: Any, reply: Any, headers: dict[str, str]
) -> None:
    script.replies = [reply(headers=headers)]
    with pytest.raises(ExchangeIncomplete, match=r"names another batch|not compressed"):
        desk.send(ONCE)
    assert desk.send().rows == 3


def test_an_answer_cut_off_on_the_way_leaves_the_batch_sent(desk: Desk, script: Any, reply: Any) -> None:
    script.replies = [reply(body=b"x", headers={"Content-Length": "100"})]
    with pytest.raises(RegisterUnavailable, match="ANSWER_CUT_OFF"):
        desk.send(ONCE)
    assert desk.states() == ["sent", "prepared"]
    assert desk.send().rows == 4


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_passing_refusal_is_followed_by_another_sending_with_the_same_key(
    desk: Desk, script: Any, reply: Any, status: int
) -> None:
    script.replies = [reply(status=status, headers={"Retry-After": "0"}, body=b"")] * 2
    assert desk.send().rows == 4
    assert sorted(script.keys.count(key) for key in set(script.keys)) == [2, 2]
    assert len({headers["X-MaYeuCau"] for headers in script.asked}) == 4
    codes = [attempt.result for attempt in desk.attempts()]
    assert sorted(codes) == [f"STATUS_{status}", f"STATUS_{status}", "received", "received"]


def test_retry_after_is_waited_for_and_a_longer_one_than_we_have_patience_ends_the_exchange(
    desk: Desk, script: Any, reply: Any
) -> None:
    script.replies = [
        reply(status=503, headers={"Retry-After": "2"}, body=b""),
        reply(status=503, headers={"Retry-After": "21600"}, body=b""),
    ]
    with pytest.raises(RegisterUnavailable, match="STATUS_503"):
        desk.send()
    assert desk.waited == [2]
    assert desk.send().rows == 4


@pytest.mark.parametrize("said", ["soon", "-1", "9" * 5000, "Wed, 21 Oct 2026 07:28:00 GMT", "1.5"])
def test_a_retry_after_that_is_no_number_of_seconds_is_not_obeyed(
    desk: Desk, script: Any, reply: Any, said: str
) -> None:
    script.replies = [reply(status=503, headers={"Retry-After": said}, body=b"")]
    assert desk.send().rows == 4
    assert desk.waited == [0]


def test_sendings_end_and_the_batch_stays_open(desk: Desk, script: Any, reply: Any) -> None:
    script.replies = [reply(status=503, body=b"")] * 9
    with pytest.raises(RegisterUnavailable, match="STATUS_503"):
        desk.send(replace(PATIENCE, failures_to_rest=99))
    assert desk.states() == ["sent", "sent"]
    script.replies.clear()
    assert desk.send().rows == 4


def test_a_batch_that_never_succeeds_keeps_no_other_from_being_answered(
    desk: Desk, script: Any, reply: Any
) -> None:
    (poison, _) = desk.ledger.batches()
    script.for_key = {poison.batch_id: reply(status=500, body=b"")}
    with pytest.raises(ExchangeIncomplete, match="1 of 2 batches"):
        desk.send()
    assert desk.states() == ["sent", "answered"]
    assert script.keys.count(poison.batch_id) == 3


def test_an_answer_that_comes_later_is_fetched(desk: Desk, script: Any, reply: Any) -> None:
    script.replies = [reply(status=202, headers={"Retry-After": "1"}, body=b"")]
    script.later = [reply(status=202, headers={"Retry-After": "2"}, body=b"")]
    assert desk.send().rows == 4
    assert desk.waited == [1, 2]
    assert len(script.keys) == 2


def test_an_answer_that_the_register_forgot_is_asked_for_with_the_same_key(
    desk: Desk, script: Any, reply: Any
) -> None:
    script.replies = [reply(status=202, headers={"Retry-After": "0"}, body=b"")]
    script.later = [
        reply(status=404, headers={"Content-Encoding": "identity"}, body=b'{"code": "BATCH_UNKNOWN"}')
    ]
    assert desk.send().rows == 4
    assert script.keys[0] == script.keys[2]


def test_an_answer_that_never_comes_is_waited_for_as_long_as_we_have_patience(
    desk: Desk, script: Any, reply: Any
) -> None:
    script.replies = [reply(status=202, headers={"Retry-After": "20"}, body=b"")]
    with pytest.raises(RegisterUnavailable, match="NOT_READY"):
        desk.send(replace(ONCE, whole=10))
    assert desk.states() == ["sent", "prepared"]


def test_an_endless_answer_is_not_read_to_its_end(desk: Desk, script: Any, reply: Any) -> None:
    script.replies = [reply(body=b"x" * 200_000)]
    with pytest.raises(ExchangeIncomplete, match="longer than"):
        desk.send(ONCE)
    assert desk.states() == ["sent", "answered"]
    assert len(list((desk.folder / "answers").glob("*.gz*"))) == 1


def test_a_register_in_need_is_greeted_before_it_is_sent_anything(
    desk: Desk, script: Any, reply: Any
) -> None:
    patience = replace(PATIENCE, failures_to_rest=2, rest=7, longest_rest=10, sendings=9)
    script.replies = [reply(status=503, body=b"")] * 2
    script.greetings = [None, 503, 503]
    assert desk.send(patience).rows == 4
    assert desk.waited == [0, 7, 10, 10]


def test_patience_with_a_register_that_is_down_ends(desk: Desk, script: Any, reply: Any) -> None:
    patience = replace(PATIENCE, failures_to_rest=2, rest=60, longest_rest=600, outage=900, sendings=9)
    script.replies = [reply(status=503, body=b"")] * 2
    script.greetings = [None, *[503] * 99]
    with pytest.raises(RegisterUnavailable):
        desk.send(patience)
    assert desk.waited == [0, 60, 120, 240, 480, 600]


def test_repeats_are_bounded_for_the_exchange_as_a_whole(desk: Desk, script: Any, reply: Any) -> None:
    script.replies = [reply(change=lambda rows: rows[1:])] * 9
    with pytest.raises(ExchangeIncomplete):
        desk.send(replace(PATIENCE, sendings=9, repeats_share=0.0, repeats_least=1))
    assert len(script.asked) == 3


@pytest.mark.parametrize("code", ["TOO_LARGE", "BODY_NOT_GZIP", "ROW_REF_INVALID"])
def test_a_refused_batch_fails_alone_and_is_named_with_its_remedy(
    desk: Desk, script: Any, reply: Any, code: str
) -> None:
    body = f'{{"code": "{code}", "message": "Nguyễn Văn Hoà"}}'.encode()
    script.replies = [reply(status=400, headers={"Content-Encoding": "identity"}, body=body)]
    with pytest.raises(ExchangeIncomplete, match=code) as caught:
        desk.send()
    assert "Hoà" not in str(caught.value)
    assert desk.states() == ["failed", "answered"]


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (401, b'{"code": "UNAUTHENTICATED"}', "TIEMCHUNG_REGISTER_TOKEN"),
        (403, b"", "TIEMCHUNG_REGISTER_TOKEN"),
        (400, b'{"code": "HEADER_INVALID"}', "HEADER_INVALID"),
        (404, b"<html>", "NO_CODE"),
        (302, b"", "status 302"),
        (400, b'{"code": "001190000001 Ho\xc3\xa0"}', "NO_CODE"),
    ],
)
def test_a_refusal_of_ourselves_stops_everything_at_once(
    desk: Desk, script: Any, reply: Any, status: int, body: bytes, message: str
) -> None:
    script.replies = [
        reply(status=status, headers={"Content-Encoding": "identity", "Location": "/x"}, body=body)
    ]
    with pytest.raises(RegisterRefused, match=message):
        desk.send()
    assert len(script.asked) == 1
    assert desk.states() == ["sent", "prepared"]


@pytest.mark.parametrize(
    "limits", [b"{}", b"<html>", b'{"rows": 0, "bytes": 1}', b'{"rows": "x", "bytes": 1}']
)
def test_limits_that_make_no_sense_stop_before_anything_is_sent(
    desk: Desk, script: Any, limits: bytes
) -> None:
    script.limits = limits
    with pytest.raises(RegisterRefused):
        desk.send()
    assert (desk.states(), script.asked) == (["prepared", "prepared"], [])


@pytest.mark.parametrize("url", ["http://register.example", "ftp://127.0.0.1", "127.0.0.1:80"])
def test_personal_data_do_not_travel_in_the_clear(asked_as: Caller, url: str) -> None:
    with pytest.raises(CallerInvalid, match="https"):
        RegisterClient(url, "t", asked_as)


class Killed(BaseException):
    """Stands for a kill at this point."""


def interrupt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, kill: Callable[..., Any]
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(place, name, kill)
        with pytest.raises(Killed):
            desk.send()


POINTS = [
    (client, "make_durable"),
    (passage, "sha256"),
    (passage, "settle"),
    (answers, "make_durable"),
    (None, "begin"),
    (None, "end"),
    (None, "acknowledge"),
    (None, "answer"),
]


@pytest.mark.parametrize("is_before", [True, False])
@pytest.mark.parametrize(("owner", "name"), POINTS)
def test_a_kill_between_any_two_steps_loses_nothing_and_doubles_nothing(
    desk: Desk, script: Any, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, is_before: bool
) -> None:
    place = owner or desk.ledger
    real = getattr(place, name)

    def kill(*args: Any) -> Any:
        if not is_before:
            real(*args)
        raise Killed

    interrupt(desk, monkeypatch, place, name, kill)
    desk.send()
    assert desk.states() == ["answered", "answered"]
    assert desk.subjects() == [1, 2, 3, 4]
    assert len(set(script.keys)) == 2


@pytest.mark.parametrize("is_before", [True, False])
def test_a_kill_while_a_faulty_answer_is_put_aside_is_harmless(
    desk: Desk, script: Any, reply: Any, monkeypatch: pytest.MonkeyPatch, is_before: bool
) -> None:
    script.replies = [reply(change=lambda rows: rows[1:])]
    real = desk.ledger.reopen

    def kill(*args: Any) -> None:
        if not is_before:
            real(*args)
        raise Killed

    interrupt(desk, monkeypatch, desk.ledger, "reopen", kill)
    with pytest.raises(ExchangeIncomplete):
        desk.send(ONCE)
    desk.send()
    assert desk.subjects() == [1, 2, 3, 4]


def test_an_acknowledged_answer_that_was_altered_is_asked_for_again(
    desk: Desk, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*args: Any) -> None:
        raise Killed

    interrupt(desk, monkeypatch, passage, "settle", kill)
    (waiting,) = desk.ledger.batches(BatchState.ACKNOWLEDGED)
    answer = desk.folder / "answers" / f"{waiting.batch_id}.ndjson.gz"
    answer.chmod(0o600)
    answer.write_bytes(answer.read_bytes()[:-1])
    desk.send()
    assert script.keys.count(waiting.batch_id) == 2
    assert desk.subjects() == [1, 2, 3, 4]


def test_answers_and_segments_may_be_read_by_their_owner_only(desk: Desk) -> None:
    desk.send()
    kept = [path for path in (desk.folder / "answers").iterdir() if path.is_file()]
    assert len(kept) == 4
    assert {path.stat().st_mode & 0o777 for path in kept} == {0o400}


def test_a_lost_body_is_an_error_of_the_ledger(desk: Desk) -> None:
    (desk.folder / "batches" / f"{desk.ledger.batches()[0].batch_id}.ndjson.gz").unlink()
    with pytest.raises(LedgerError, match="restore"):
        desk.send()
