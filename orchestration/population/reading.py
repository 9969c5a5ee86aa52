"""The ledger for those who only read it: nothing is created, moved or migrated, not even an empty file.

Belongs here: how the ledger is opened for a dry run or a reconciliation, and what was tried for each batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, inspect, make_url, select
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from orchestration.population import tables
from orchestration.population.errors import LedgerError
from orchestration.population.ledger import Ledger


@dataclass(frozen=True)
class Attempt:
    """One sending of a batch, by whom and what for. ``result`` is ``received``, what kept it from that, or None where
    a kill cut it off.
    """

    request_id: str
    batch_id: str
    agency: str
    unit: str
    officer: str
    purpose: str
    started_at: datetime
    ended_at: datetime | None
    result: str | None


@dataclass(frozen=True)
class Reading:
    """A ledger opened for reading, and its attempts."""

    ledger: Ledger
    attempts: tuple[Attempt, ...]


@contextmanager
def read_ledger(url: str) -> Iterator[Reading]:
    """Open the ledger at a SQLAlchemy URL for reading; one that is not there yet reads as an empty one."""
    try:
        engine = _engine(url)
        if engine is None:
            with Ledger.open("sqlite://") as empty:
                yield Reading(empty, ())
            return
        try:
            yield Reading(Ledger(engine), _attempts(engine))
        finally:
            engine.dispose()
    except (ArgumentError, ImportError, SQLAlchemyError) as error:
        raise LedgerError(
            f"The ledger cannot be read ({type(error).__name__}); see that its address is right, that its database "
            "runs and that nobody holds it, then try again."
        ) from None


def _engine(url: str) -> Engine | None:
    """None where there is no ledger yet."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or not Path(parsed.database).exists():
            return None
        engine = create_engine(
            f"sqlite:///file:{quote(parsed.database)}?mode=ro&uri=true", hide_parameters=True
        )
    else:
        engine = create_engine(parsed, hide_parameters=True, execution_options={"postgresql_readonly": True})
    if inspect(engine).has_table(tables.batches.name):
        return engine
    engine.dispose()
    return None


def _attempts(engine: Engine) -> tuple[Attempt, ...]:
    query = select(tables.attempts).order_by(tables.attempts.c.started_at, tables.attempts.c.request_id)
    with engine.connect() as connection:
        return tuple(Attempt(**row) for row in connection.execute(query).mappings())
