"""Dagster's storage in PostgreSQL as it was written for: its driver, and moments in UTC (``postgres.yaml``).

Belongs here: how Dagster is connected. SQLAlchemy takes another driver where an address names none, and Dagster's
statements fail there; Dagster writes moments without a zone in the session's and reads them as UTC. And it connects
anew for every statement: to a server beside it, that made a run a quarter longer.
"""

from __future__ import annotations

from typing import Any, Self

from dagster._serdes import ConfigurableClassData
from dagster_postgres.event_log import PostgresEventLogStorage
from dagster_postgres.storage import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url

_DRIVER = "postgresql+psycopg2"
_IN_UTC = "-c timezone=UTC"
_CONNECTIONS = 2
"""Kept by a process, more only while they are needed: a run writes one event after another."""
_SECONDS = 600
"""After so many a connection is made anew; firewalls forget those that are silent for longer."""


class _EventLog(PostgresEventLogStorage):
    """The part that an instance disposes of last; with it the connections of all of them."""

    def dispose(self) -> None:
        super().dispose()
        self._engine.dispose()


class PostgresStorage(DagsterPostgresStorage):
    """Dagster's own, at an address that may name no driver: ``postgresql://user:password@host/database``.

    Its three parts share connections that stay open until the instance is disposed of.
    """

    def __init__(self, postgres_url: str, *, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(postgres_url, inst_data=inst_data)
        self._event_log_storage = _EventLog(postgres_url)
        engine = _kept_open(postgres_url)
        # Dagster offers to keep one open only to its web server, and then without asking whether it still lives.
        for part in (self._run_storage, self._event_log_storage, self._schedule_storage):
            part._engine = engine

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Made by Dagster from its instance file."""
        return cls(connectable(pg_url_from_config(config_value)), inst_data=inst_data)


def _kept_open(address: str) -> Engine:
    """Asked whether it still lives before it is used: the server may have been started again meanwhile."""
    return create_engine(
        address,
        isolation_level="AUTOCOMMIT",
        pool_size=_CONNECTIONS,
        pool_pre_ping=True,
        pool_recycle=_SECONDS,
    )


def connectable(address: str) -> str:
    """The address with Dagster's driver and a session in UTC; options of its own stay."""
    url = make_url(address)
    options = " ".join(part for part in (str(url.query.get("options", "")), _IN_UTC) if part)
    whole = url.set(drivername=_DRIVER).update_query_dict({"options": options})
    return whole.render_as_string(hide_password=False)
