"""The ledger's tables in SQLAlchemy Core, for SQLite and PostgreSQL alike. Form only; moves are :mod:`ledger`."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, DateTime, Dialect, ForeignKey, Integer, MetaData, String, Table
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware time, kept in UTC; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

batches = Table(
    "batches",
    metadata,
    Column("batch_id", String(64), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("row_count", BigInteger, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("officer", String(64), nullable=False),
    Column("prepared_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Column("acknowledged_at", Moment),
    Column("answered_at", Moment),
    Column("answer_sha256", String(64)),
    Column("error_code", String(64)),
)

attempts = Table(
    "attempts",
    metadata,
    Column("request_id", String(40), primary_key=True),
    Column("batch_id", ForeignKey(batches.c.batch_id), nullable=False, index=True),
    Column("agency", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("officer", String(64), nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("result", String(64)),
)

announcements = Table(
    "announcements",
    metadata,
    Column("ordinal", Integer, primary_key=True),
    Column("announced_at", Moment, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)
"""The register's limits, each time they differed from the last; the ordinal, not the clock, says which is the last."""
