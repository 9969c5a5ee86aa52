"""The one way to open the warehouse. Nothing else in the platform calls ``duckdb.connect`` on it.

Connections are short-lived: dbt and Great Expectations open the same file, and DuckDB allows one writer at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.warehouse.digest_key import ensure_key
from orchestration.warehouse.errors import WarehouseBusy, WarehouseError, cleaned

DIGEST_KEY_VARIABLE = "digest_key"


def set_digest_key(connection: duckdb.DuckDBPyConnection, key: str) -> None:
    """Make ``getvariable('digest_key')`` available to SQL, so that the key stands in no statement text."""
    connection.execute(f"set variable {DIGEST_KEY_VARIABLE} = $key", {"key": key})


@dataclass(frozen=True)
class Warehouse:
    """Where the warehouse lies and how it is opened. ``key`` is the path of the digest key."""

    path: Path
    key: Path
    memory_limit: str

    @contextmanager
    def connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the file for reading and writing; DuckDB's errors leave as :class:`WarehouseError`, without values."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._explained(), duckdb.connect(self.path) as connection:
            connection.execute("set memory_limit = $limit", {"limit": self.memory_limit})
            set_digest_key(connection, ensure_key(self.key))
            yield connection

    @contextmanager
    def beside(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in memory, with the warehouse attached for reading only: nothing here is written.

        It keeps the name it has when it is opened itself (its file's), for its views name it.

        Raises :class:`WarehouseError` when nothing was built yet, :class:`WarehouseBusy` while a run writes.
        """
        self.require()
        place, name = str(self.path).replace("'", "''"), self.path.stem.replace('"', '""')
        with self._explained(), duckdb.connect() as connection:
            connection.execute("set memory_limit = $limit", {"limit": self.memory_limit})
            connection.execute(f"attach '{place}' as \"{name}\" (read_only)")
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except duckdb.IOException as error:
            if "lock" in str(error):
                raise WarehouseBusy(
                    f"Another process is writing {self.path}; wait until its run has ended, then try again."
                ) from None
            raise WarehouseError(f"The warehouse {self.path} could not be used: {cleaned(error)}") from None
        except duckdb.Error as error:
            raise WarehouseError(f"The warehouse {self.path} refused a statement: {cleaned(error)}") from None

    def require(self) -> None:
        """Raise :class:`WarehouseError` when nothing was built here yet."""
        if not self.path.exists():
            raise WarehouseError(f"There is no warehouse at {self.path}; run `tiemchung run` first.")
