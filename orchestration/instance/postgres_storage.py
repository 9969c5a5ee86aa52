"""Dagster's storage in PostgreSQL as it was written for: its driver, and moments in UTC (``postgres.yaml``).

Belongs here: how Dagster is connected. SQLAlchemy takes another driver where an address names none, and Dagster's
statements fail there; Dagster writes moments without a zone in the session's and reads them as UTC.
"""

from __future__ import annotations

from typing import Any, Self

from dagster._serdes import ConfigurableClassData
from dagster_postgres.storage import DagsterPostgresStorage
from dagster_postgres.utils import pg_url_from_config
from sqlalchemy.engine import make_url

_DRIVER = "postgresql+psycopg2"
_IN_UTC = "-c timezone=UTC"


class PostgresStorage(DagsterPostgresStorage):
    """Dagster's own, at an address that may name no driver: ``postgresql://user:password@host/database``."""

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> Self:
        """Made by Dagster from its instance file."""
        return cls(connectable(pg_url_from_config(config_value)), inst_data=inst_data)


def connectable(address: str) -> str:
    """The address with Dagster's driver and a session in UTC; options of its own stay."""
    url = make_url(address)
    options = " ".join(part for part in (str(url.query.get("options", "")), _IN_UTC) if part)
    whole = url.set(drivername=_DRIVER).update_query_dict({"options": options})
    return whole.render_as_string(hide_password=False)
