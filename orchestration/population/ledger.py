"""The ledger: the durable state of every batch ever prepared for the register. Files are :mod:`files`' matter.

States and moves, and what is on disk (fsynced) before the move is committed::

    prepared      body and index                        from: new, or failed (the same rows cut the same way again)
    sent          nothing new; committed before the first byte leaves: the register may know the batch from here on
                                                        from: prepared, sent (again, same key), acknowledged (the
                                                        answer broke the contract and was put aside)
    acknowledged  the answer verbatim, its SHA-256 in the row                  from: sent
    answered      the answer verified and kept as a Parquet segment; the end   from: acknowledged
    failed        nothing; the register refused the batch as a whole, or announced limits below it: its rows are
                  free to be asked in another batch                            from: prepared, sent

A kill between a file and its move leaves a file without a row, which is written again or taken up; a kill between
two moves leaves an open batch, which goes out again under the same idempotency key. Every move states the states it
may come from and fails with :class:`LedgerConflict` where another process was quicker.
Times are evidence, not order: nothing depends on a clock that only goes forward.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, literal, select, update

from orchestration.population import tables
from orchestration.population.caller import Caller
from orchestration.population.database import open_database, translated
from orchestration.population.errors import LedgerConflict
from orchestration.population.sizing import Sending

REQUEST_ID_LENGTH = 40


class BatchState(StrEnum):
    """Where a batch stands; the moves are in the module's docstring."""

    PREPARED = "prepared"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    FAILED = "failed"


OPEN = (BatchState.PREPARED, BatchState.SENT, BatchState.ACKNOWLEDGED)


@dataclass(frozen=True)
class Limits:
    """What the register takes at once: rows, and bytes of uncompressed NDJSON."""

    rows: int
    bytes: int


@dataclass(frozen=True)
class Batch:
    """One batch as the ledger knows it. ``batch_id`` is the SHA-256 of its uncompressed content."""

    batch_id: str
    state: BatchState
    row_count: int
    byte_count: int
    officer: str
    prepared_at: datetime
    sent_at: datetime | None = None
    acknowledged_at: datetime | None = None
    answered_at: datetime | None = None
    answer_sha256: str | None = None
    error_code: str | None = None


class Ledger:
    """Use as ``with Ledger.open(url) as ledger``. Errors of the database leave as :class:`LedgerError`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    @contextmanager
    def open(cls, url: str) -> Iterator[Ledger]:
        """Open the ledger at a SQLAlchemy URL (sqlite or postgresql), creating what is not there yet."""
        engine = open_database(url)
        try:
            with translated():
                tables.metadata.create_all(engine)
            yield cls(engine)
        finally:
            engine.dispose()

    def batches(self, *states: BatchState) -> tuple[Batch, ...]:
        """All batches in these states (none named: in any), oldest first."""
        query = select(tables.batches).order_by(tables.batches.c.prepared_at, tables.batches.c.batch_id)
        if states:
            query = query.where(tables.batches.c.state.in_(states))
        with self._transaction() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(Batch(**{**row, "state": BatchState(row["state"])}) for row in rows)

    def batch(self, batch_id: str) -> Batch:
        """The batch as it stands now; it should be known."""
        query = select(tables.batches).where(tables.batches.c.batch_id == batch_id)
        with self._transaction() as connection:
            row = connection.execute(query).mappings().one()
        return Batch(**{**row, "state": BatchState(row["state"])})

    def attempt_count(self, batch_id: str) -> int:
        """How often the batch was sent, in all."""
        with self._transaction() as connection:
            return _attempt_count(connection, batch_id)

    def latest_sendings(self, most: int) -> tuple[Sending, ...]:
        """The latest attempts, oldest first; at most so many."""
        tried, known = tables.attempts.c, tables.batches.c
        query = (
            select(known.row_count, tried.started_at, tried.ended_at, tried.result)
            .join_from(tables.attempts, tables.batches)
            .order_by(tried.started_at.desc(), tried.request_id)
            .limit(most)
        )
        with self._transaction() as connection:
            found = connection.execute(query).all()
        return tuple(
            Sending(row.row_count, _seconds(row.started_at, row.ended_at), row.result)
            for row in reversed(found)
        )

    def last_limits(self) -> Limits | None:
        """What the register announced last, or None when it was never asked."""
        told = tables.announcements.c
        query = select(told.rows, told.bytes).order_by(told.ordinal.desc())
        with self._transaction() as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        return None if row is None else Limits(row.rows, row.bytes)

    def note_limits(self, announced: Limits, at: datetime) -> None:
        """Remember what the register announced, where it differs from the last time."""
        if announced != self.last_limits():
            values = {"announced_at": at, "rows": announced.rows, "bytes": announced.bytes}
            with self._transaction() as connection:
                connection.execute(insert(tables.announcements).values(values))

    def prepare(self, batch: Batch) -> None:
        """new or failed → prepared."""
        again = {
            "state": BatchState.PREPARED,
            "error_code": None,
            "prepared_at": batch.prepared_at,
            "sent_at": None,
        }
        with self._transaction() as connection:
            known = select(tables.batches.c.batch_id).where(tables.batches.c.batch_id == batch.batch_id)
            if connection.execute(known).one_or_none() is None:
                connection.execute(insert(tables.batches).values(vars(batch)))
            else:
                _move(connection, batch.batch_id, (BatchState.FAILED,), again)

    def begin(self, batch_id: str, caller: Caller, at: datetime) -> str:
        """prepared or sent → sent; returns the request id of this attempt (MaYeuCau, 40 characters)."""
        first = func.coalesce(tables.batches.c.sent_at, literal(at, tables.Moment()))
        values = {"state": BatchState.SENT, "sent_at": first}
        with self._transaction() as connection:
            _move(connection, batch_id, (BatchState.PREPARED, BatchState.SENT), values)
            ordinal = _attempt_count(connection, batch_id) + 1
            request_id = hashlib.sha256(f"{batch_id}/{ordinal}".encode()).hexdigest()[:REQUEST_ID_LENGTH]
            attempt = {**vars(caller), "request_id": request_id, "batch_id": batch_id, "started_at": at}
            connection.execute(insert(tables.attempts).values(attempt))
        return request_id

    def end(self, request_id: str, result: str, at: datetime) -> None:
        """Write down how an attempt ended: ``answered`` or an error code."""
        change = update(tables.attempts).where(tables.attempts.c.request_id == request_id)
        with self._transaction() as connection:
            connection.execute(change.values(ended_at=at, result=result))

    def acknowledge(self, batch_id: str, answer_sha256: str, at: datetime) -> None:
        """sent → acknowledged, once the answer lies durably on disk."""
        values = {
            "state": BatchState.ACKNOWLEDGED,
            "acknowledged_at": at,
            "answer_sha256": answer_sha256,
            "error_code": None,
        }
        with self._transaction() as connection:
            _move(connection, batch_id, (BatchState.SENT,), values)

    def answer(self, batch_id: str, at: datetime) -> None:
        """acknowledged → answered, once the verified segment lies durably on disk."""
        with self._transaction() as connection:
            values = {"state": BatchState.ANSWERED, "answered_at": at}
            _move(connection, batch_id, (BatchState.ACKNOWLEDGED,), values)

    def reopen(self, batch_id: str, error_code: str) -> None:
        """acknowledged → sent: the answer was put aside, the batch will be sent again."""
        values = {
            "state": BatchState.SENT,
            "acknowledged_at": None,
            "answer_sha256": None,
            "error_code": error_code,
        }
        with self._transaction() as connection:
            _move(connection, batch_id, (BatchState.ACKNOWLEDGED,), values)

    def fail(self, batch_id: str, error_code: str) -> None:
        """prepared or sent → failed: its rows may be asked in another batch."""
        with self._transaction() as connection:
            values = {"state": BatchState.FAILED, "error_code": error_code}
            _move(connection, batch_id, (BatchState.PREPARED, BatchState.SENT), values)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with translated(), self._engine.begin() as connection:
            yield connection


def _move(
    connection: Connection, batch_id: str, origins: tuple[BatchState, ...], values: dict[str, Any]
) -> None:
    change = update(tables.batches).where(
        tables.batches.c.batch_id == batch_id, tables.batches.c.state.in_(origins)
    )
    if connection.execute(change.values(values)).rowcount != 1:
        raise LedgerConflict(
            f"Batch {batch_id[:12]} cannot become {values['state']}: it is no longer {' or '.join(origins)}. "
            "Another run works on this ledger; let it end, then run again."
        )


def _seconds(began: datetime, ended: datetime | None) -> float | None:
    return None if ended is None else (ended - began).total_seconds()


def _attempt_count(connection: Connection, batch_id: str) -> int:
    query = select(func.count()).select_from(tables.attempts).where(tables.attempts.c.batch_id == batch_id)
    return connection.execute(query).scalar_one()
