"""Dagster's event log in SQLite, its files kept open: the storage of an embedded instance (``embedded.yaml``).

Dagster makes an engine and a connection anew for every statement, and closing the last connection to a file moves its
write-ahead log and waits for the disk: together a seventh of what a small day takes. Only how a shard is opened is told
here; what is kept, and where, stays Dagster's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster import StringSource
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, NullPool, StaticPool, create_engine, event

_SHARDS_KEPT = 16
"""A run writes two, its own and the index; a server of the UI reads those that are looked at."""


class EventLog(SqliteEventLogStorage):
    """Dagster's own storage, opened once. Files are the same: either reads what the other wrote."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: dict[str, tuple[int | None, Engine]] = {}
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Mapping[str, Any]:
        """``dagster_home`` is the instance's folder: an instance's file cannot name what lies beside it."""
        return {"dagster_home": StringSource}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> EventLog:
        """The log in the place where Dagster keeps it by default."""
        return cls(str(Path(config_value["dagster_home"]) / "history" / "runs"), inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        """The engine of a shard, the one used last at the end; called under the lock of the storage."""
        known, engine = self._engines.pop(shard, (None, None))
        if engine is None or known != _file_number(self.path_for_shard(shard)):
            if engine is not None:
                engine.dispose()
            engine = self._opened(shard)
        self._engines[shard] = _file_number(self.path_for_shard(shard)), engine
        if len(self._engines) > _SHARDS_KEPT:
            self._engines.pop(next(iter(self._engines)))[1].dispose()
        return engine

    def _opened(self, shard: str) -> Engine:
        """One connection, whichever thread uses it: the lock of the storage lets only one at a time."""
        url, patience = self.conn_string_for_shard(shard), {"timeout": SQLITE_BUSY_TIMEOUT_SECONDS}
        self._initdb(create_engine(url, poolclass=NullPool, connect_args=patience))
        limits = {**patience, "check_same_thread": False}
        engine = create_engine(url, poolclass=StaticPool, connect_args=limits)
        event.listen(engine, "connect", _be_brief)
        return engine

    def dispose(self) -> None:
        """Close all files, too."""
        super().dispose()
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1][1].dispose()


def _file_number(path: str) -> int | None:
    """Which file lies there: another one, or none, where the log was wiped or a home put in its place."""
    try:
        return Path(path).stat().st_ino
    except FileNotFoundError:
        return None


def _be_brief(connection: Any, _record: Any) -> None:
    """With a write-ahead log a killed process loses nothing, a machine without power the last events at most."""
    connection.execute("pragma synchronous = normal")
