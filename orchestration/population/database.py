"""The ledger's database: opening SQLite or PostgreSQL by a SQLAlchemy URL, and its errors as ours.

SQLite runs in WAL mode with ``synchronous=FULL``, PostgreSQL with its defaults; neither waits for a lock for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from orchestration.population.errors import LedgerError

_LOCK_SECONDS = 10
_POSTGRESQL = {
    "connect_timeout": _LOCK_SECONDS,
    "options": f"-c lock_timeout={_LOCK_SECONDS}s -c statement_timeout={6 * _LOCK_SECONDS}s",
}


def open_database(url: str) -> Engine:
    """An engine for the URL; raises :class:`LedgerError` where it is none of a database we have."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return create_engine(parsed, hide_parameters=True, connect_args=_POSTGRESQL)
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": _LOCK_SECONDS})
    except (ArgumentError, ImportError):
        raise LedgerError(
            "The ledger's address cannot be used; it should be like sqlite:////path/ledger.sqlite "
            "or postgresql://host/database."
        ) from None
    event.listen(engine, "connect", _set_sqlite)
    return engine


def _set_sqlite(connection: Any, record: Any) -> None:  # noqa: ARG001 (the event's signature)
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}").close()


@contextmanager
def translated() -> Iterator[None]:
    """Errors of the database leave as :class:`LedgerError`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise LedgerError(
            f"The ledger cannot be read or written ({type(error).__name__}); see that its database runs, that the "
            "disk has room and that no other program holds it, then run again."
        ) from error
