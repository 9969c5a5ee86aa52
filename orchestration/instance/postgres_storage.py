"""Dagster's storage in PostgreSQL as it was written for: its driver, and moments in UTC (``postgres.yaml``).

Belongs here: how Dagster is connected. SQLAlchemy takes another driver where an address names none, and Dagster's
statements fail there; Dagster writes moments without a zone in the session's and reads them as UTC. And it connects
anew for every statement, which made a run half as long again (decision 21).
"""

from __future__ import annotations

from typing import Any, Self

from dagster._serdes import ConfigurableClassData
from dagster_postgres.event_log import PostgresEventLogStorage
from dagster_postgres.run_storage import PostgresRunStorage
from dagster_postgres.storage import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config, set_pg_statement_timeout
from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.engine import make_url

_DRIVER = "postgresql+psycopg2"
_IN_UTC = "-c timezone=UTC"
_CONNECTIONS = 1
"""Kept by each part of a process's storage, more only while they are needed: a run writes one event after another."""
_AT_ONCE = 20
_SECONDS = 600
"""After so many a connection is made anew; firewalls forget those that are silent for longer."""


class _KeptOpen:
    """A part whose connections stay open until it is disposed of, in Dagster's web server, too."""

    def __init__(self, postgres_url: str) -> None:
        super().__init__(postgres_url)  # type: ignore[call-arg]  # of the part
        self._engine = _kept_open(postgres_url)

    def optimize_for_webserver(self, statement_timeout: int, pool_recycle: int, max_overflow: int) -> None:
        """Dagster's own would no longer ask whether a connection lives; the rest is as it asks."""
        self._engine.dispose()
        self._engine = _kept_open(self._engine.url, pool_recycle=pool_recycle, max_overflow=max_overflow)
        event.listen(
            self._engine, "connect", lambda opened, _: set_pg_statement_timeout(opened, statement_timeout)
        )

    def dispose(self) -> None:
        """Close them, too."""
        super().dispose()  # type: ignore[misc]  # of the part
        self._engine.dispose()


class _Runs(_KeptOpen, PostgresRunStorage):
    pass


class _Events(_KeptOpen, PostgresEventLogStorage):
    pass


class PostgresStorage(DagsterPostgresStorage):
    """Dagster's own, at an address that may name no driver: ``postgresql://user:password@host/database``.

    Runs and events keep their connections; schedules and sensors are asked about seldom, and nobody disposes of them.
    """

    def __init__(self, postgres_url: str, *, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url, inst_data=inst_data)
        self._run_storage = _Runs(postgres_url)
        self._event_log_storage = _Events(postgres_url)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Made by Dagster from its instance file."""
        return cls(connectable(pg_url_from_config(config_value)), inst_data=inst_data)


def _kept_open(address: str | URL, *, pool_recycle: int = _SECONDS, max_overflow: int = _AT_ONCE) -> Engine:
    """A connection is asked whether it lives before it is used: the server may have been started again meanwhile."""
    return create_engine(
        address,
        isolation_level="AUTOCOMMIT",
        pool_size=_CONNECTIONS,
        max_overflow=max_overflow,
        pool_recycle=pool_recycle,
        pool_pre_ping=True,
    )


def connectable(address: str) -> str:
    """The address with Dagster's driver and a session in UTC; options of its own stay."""
    url = make_url(address)
    options = " ".join(part for part in (str(url.query.get("options", "")), _IN_UTC) if part)
    whole = url.set(drivername=_DRIVER).update_query_dict({"options": options})
    return whole.render_as_string(hide_password=False)
