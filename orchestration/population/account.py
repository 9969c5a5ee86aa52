"""What was exchanged with the register in one month, counted from the ledger alone: its attempts, batches and answers.

A month that has ended is counted from what happened within it, so that the same ledger gives the same account at any
later time. Belongs here: the counting. How it looks, and which small counts are not shown, is reporting's business.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.population.files import Rooms, require
from orchestration.population.ledger import Batch
from orchestration.population.month import ZONE, Month
from orchestration.population.reading import Attempt, Reading

SQL = Path(__file__).with_name("account.sql")
TABLES = ("totals", "callers", "days", "kinds", "provinces", "results", "refusals")
_MOMENT = pa.timestamp("us", tz="UTC")
_ATTEMPTS = pa.schema(
    [
        (name, pa.string())
        for name in ("request_id", "batch_id", "agency", "unit", "officer", "purpose", "result")
    ]
    + [(name, _MOMENT) for name in ("started_at", "ended_at")]
)
_BATCHES = pa.schema(
    [
        ("batch_id", pa.string()),
        ("row_count", pa.int64()),
        ("answered_at", _MOMENT),
        ("answer_sha256", pa.string()),
    ]
)
_NO_INDEX = """
select
    null::bigint as subject_id, null::integer as asking, null::varchar as batch_id, null::varchar as number_kind,
    null::varchar as province_code
where false
"""
_NO_ANSWER = """
select
    null::bigint as subject_id, null::integer as asking, null::varchar as batch_id, null::integer as fitting_count,
    null::varchar as error_code
where false
"""


@dataclass(frozen=True)
class MonthAccount:
    """One month of exchange up to ``until``; ``tables`` by name, each a sequence of rows with named counts.

    ``digest`` is the SHA-256 over the attempts and answers counted, from which the tables follow. ``batches`` and
    ``last_move_at`` say where the ledger stood at ``until``: batches ever sent, and when it was last written to.
    """

    month: Month
    until: datetime
    digest: str
    batches: int
    last_move_at: datetime | None
    tables: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def is_finished(self) -> bool:
        """Whether the month had ended."""
        return self.until == self.month.ends_at


def account_of(reading: Reading, folder: Path, month: Month, at: datetime) -> MonthAccount:
    """Count a month as it stands at the aware time ``at``; ``folder`` is where batches and answers lie.

    Raises :class:`orchestration.population.month.MonthInvalid` for a month that has not begun and
    :class:`orchestration.population.errors.LedgerError` where a file the ledger vouches for is gone.
    """
    until = month.until(at)
    attempts = [_cut_off(attempt, until) for attempt in reading.attempts if attempt.started_at < until]
    asked = {each.batch_id for each in attempts}
    batches = [
        {"batch_id": batch.batch_id, "row_count": batch.row_count, **_answer(batch, until)}
        for batch in reading.ledger.batches()
        if batch.batch_id in asked
    ]
    with duckdb.connect() as connection:
        connection.register("attempts", pa.Table.from_pylist([asdict(each) for each in attempts], _ATTEMPTS))
        connection.register("batches", pa.Table.from_pylist(batches, _BATCHES))
        tables = _counted(connection, Rooms(folder), month, until)
    digest = _digest(attempts, batches, month)
    return MonthAccount(month, until, digest, len(batches), _last_move(attempts, batches), tables)


def _counted(
    connection: duckdb.DuckDBPyConnection, rooms: Rooms, month: Month, until: datetime
) -> dict[str, Sequence[Mapping[str, Any]]]:
    bounds = {"begins_at": month.begins_at, "until": until}
    for name, value in bounds.items():
        connection.execute(f"set variable {name} = $value::timestamptz", {"value": value.isoformat()})
    statements = SQL.read_text(encoding="utf-8").split("\n\n-- ")
    connection.execute(statements[0])
    of_month = [
        row[0] for row in connection.execute("select batch_id from touched order by batch_id").fetchall()
    ]
    answered = [
        row[0] for row in connection.execute("select batch_id from answered order by batch_id").fetchall()
    ]
    files = [rooms.index(each) for each in of_month], [rooms.segment(each) for each in answered]
    require([*files[0], *files[1]])
    connection.execute(f"create temp view indexed as {_union(_NO_INDEX, files[0])}")
    connection.execute(f"create temp view answers as {_union(_NO_ANSWER, files[1])}")
    named = dict(statement.split("\n", 1) for statement in statements[1:])
    connection.execute(named.pop("rows"))
    return {name: _rows(connection, named[name]) for name in TABLES}


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _union(empty: str, paths: Sequence[Path]) -> str:
    """SQL over these files; what an index of an earlier version lacks is NULL."""
    names = ", ".join("'" + str(path.resolve()).replace("'", "''") + "'" for path in paths)
    files = f" union all by name (from read_parquet([{names}], union_by_name = true))" if paths else ""
    return empty + files


def _cut_off(attempt: Attempt, until: datetime) -> Attempt:
    """The attempt as it was known at ``until``."""
    if attempt.ended_at is not None and attempt.ended_at < until:
        return attempt
    return replace(attempt, ended_at=None, result=None)


def _answer(batch: Batch, until: datetime) -> dict[str, Any]:
    is_answered = batch.answered_at is not None and batch.answered_at < until
    return {
        "answered_at": batch.answered_at if is_answered else None,
        "answer_sha256": batch.answer_sha256 if is_answered else None,
    }


def _last_move(attempts: Iterable[Attempt], batches: Iterable[Mapping[str, Any]]) -> datetime | None:
    moments = [moment for each in attempts for moment in (each.started_at, each.ended_at)]
    moments += [each["answered_at"] for each in batches]
    found = max((moment for moment in moments if moment is not None), default=None)
    return None if found is None else found.astimezone(ZONE)


def _digest(attempts: Iterable[Attempt], batches: Iterable[Mapping[str, Any]], month: Month) -> str:
    counted = [
        sorted(str(list(asdict(each).values())) for each in attempts if each.started_at >= month.begins_at),
        sorted(
            f"{each['batch_id']} {each['answer_sha256']}"
            for each in batches
            if each["answered_at"] is not None and each["answered_at"] >= month.begins_at
        ),
    ]
    return hashlib.sha256(json.dumps(counted).encode()).hexdigest()
