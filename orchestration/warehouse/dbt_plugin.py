"""dbt-duckdb plugin: gives dbt's connections the digest key as a variable, so that no compiled SQL or log holds it."""

from __future__ import annotations

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from orchestration.settings import Settings
from orchestration.warehouse.connection import set_digest_key
from orchestration.warehouse.digest_key import ensure_key


class Plugin(BasePlugin):  # type: ignore[misc]  # dbt ships no types
    """Named ``Plugin`` because dbt-duckdb looks for exactly that."""

    def configure_cursor(self, cursor: Any) -> None:
        """Set the variable on each cursor: variables do not pass from a connection to its cursors."""
        set_digest_key(cursor, ensure_key(Settings.from_environ().digest_key))
