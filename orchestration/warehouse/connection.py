"""The one way to open the warehouse. Nothing else in the platform calls ``duckdb.connect`` on it.

Connections are short-lived: dbt and Great Expectations open the same file, and DuckDB allows one writer at a time.
Who only reads opens the snapshot (:mod:`orchestration.warehouse.snapshot`), and stands in no writer's way.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.warehouse.digest_key import ensure_key, read_key
from orchestration.warehouse.errors import WarehouseBusy, WarehouseError, cleaned

DIGEST_KEY_VARIABLE = "digest_key"
_OWNER_ONLY = 0o600
"""The warehouse holds everybody's names and numbers in clear."""
PATIENCE_SECONDS = 10.0
"""How long a writer waits for readers to end."""
_PAUSE_SECONDS = 0.1


def set_digest_key(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Make ``getvariable('digest_key')`` available to SQL, so that the key stands in no statement text."""
    connection.execute(f"set variable {DIGEST_KEY_VARIABLE} = $key", {"key": key})


def attach(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    """Attach a database's file for reading only, under an SQL name; ``attach`` takes no parameters."""
    place = str(file).replace("'", "''")
    connection.execute(f"attach '{place}' as {name} (read_only)")


@dataclass(frozen=True)
class Warehouse:
    """Where the warehouse lies and how it is opened. ``key`` is the path of the digest key."""

    path: Path
    key: Path
    memory_limit: str

    @property
    def snapshot(self) -> Path:
        """The file that readers open: the warehouse as the last sealed report left it."""
        return self.path.with_name("published.duckdb")

    @contextmanager
    def connect(self, patience: float = PATIENCE_SECONDS) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file for reading and writing; DuckDB's errors leave as :class:`WarehouseError`, without values.

        Raises :class:`WarehouseBusy` where another process still has it open after ``patience`` seconds.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _explained(self.path), _writing(self.path, time.monotonic() + patience) as connection:
            self.path.chmod(_OWNER_ONLY)
            connection.execute("set memory_limit = $limit", {"limit": self.memory_limit})
            set_digest_key(connection, ensure_key(self.key))
            yield connection

    @contextmanager
    def beside(self, copy: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in memory, with the warehouse (or a ``copy`` of it) attached for reading only.

        It keeps the name it has when it is opened itself (its file's), for its views name it.

        Raises :class:`WarehouseError` when nothing was built yet, :class:`WarehouseBusy` while a run writes.
        """
        file = copy or self.path
        if copy is None:
            self.require()
        with _explained(file), duckdb.connect() as connection:
            connection.execute("set memory_limit = $limit", {"limit": self.memory_limit})
            attach(connection, file, self._name)
            yield connection

    @contextmanager
    def reading(self, copy: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """The same with the warehouse's relations under their own names, beside any number of readers.

        Raises :class:`WarehouseError` without the digest key, too: hashes could only be taken as they stand.
        """
        with self.beside(copy) as connection:
            connection.execute(f"use {self._name}")
            set_digest_key(connection, read_key(self.key))
            yield connection

    @property
    def _name(self) -> str:
        return '"' + self.path.stem.replace('"', '""') + '"'

    def require(self) -> None:
        """Raise :class:`WarehouseError` when nothing was built here yet."""
        if not self.path.exists():
            raise WarehouseError(f"There is no warehouse at {self.path}; run `tiemchung run` first.")


@contextmanager
def _writing(path: Path, until: float) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the file, waiting for its lock up to a moment of the monotonic clock: readers hold it for seconds."""
    while True:
        try:
            connection = duckdb.connect(path)
        except duckdb.IOException as error:
            if not _is_locked(error) or time.monotonic() >= until:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            break
    with connection:
        yield connection


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.IOException as error:
        if _is_locked(error):
            raise WarehouseBusy(
                f"Another process has {path} open; wait until its run has ended, then try again."
            ) from None
        raise WarehouseError(f"The warehouse {path} could not be used: {cleaned(error)}") from None
    except duckdb.Error as error:
        raise WarehouseError(f"The warehouse {path} refused a statement: {cleaned(error)}") from None


def _is_locked(error: duckdb.IOException) -> bool:
    return "lock" in str(error)
