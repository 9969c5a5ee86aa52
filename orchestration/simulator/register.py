"""The register behind its door: persons in DuckDB, the book, and one batch answered from bytes to bytes.

Belongs here: the lifetime of the database and of the spool files. HTTP is :mod:`app`, finding is :mod:`answering`.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.simulator.answering import answer
from orchestration.simulator.body import deflate, inflate
from orchestration.simulator.book import Book, Entry
from orchestration.simulator.errors import Refusal, Refused
from orchestration.simulator.persons import load_persons


@dataclass(frozen=True)
class Limits:
    """What one request may hold: rows, and bytes of uncompressed NDJSON."""

    rows: int = 1_000_000
    bytes: int = 512 << 20


@dataclass(frozen=True)
class Register:
    """A loaded register. ``spool`` is a folder of its own for bodies in flight; ``clock`` gives aware times."""

    connection: duckdb.DuckDBPyConnection
    spool: Path
    limits: Limits
    secret: bytes
    clock: Callable[[], datetime]
    book: Book = field(default_factory=Book)

    def verify(self, body: bytes, *, key: str, officer: str, purpose: str) -> tuple[bytes, Entry]:
        """Answer one gzip body; returns the gzip answer and the book's entry. Raises :class:`Refused`."""
        name = uuid.uuid4().hex
        asked, answered = self.spool / f"{name}.ndjson", self.spool / f"{name}.answer"
        try:
            if inflate(body, asked, self.limits.bytes) != key:
                raise Refused(Refusal.KEY_MISMATCH)
            with self.connection.cursor() as cursor:
                tally = answer(cursor, asked, answered, row_limit=self.limits.rows, secret=self.secret)
            content = deflate(answered)
        finally:
            asked.unlink(missing_ok=True)
            answered.unlink(missing_ok=True)
        return content, self.book.enter(key, officer=officer, purpose=purpose, tally=tally, at=self.clock())


@contextmanager
def open_register(
    persons: Path, *, limits: Limits, secret: bytes, clock: Callable[[], datetime], book: Path | None = None
) -> Iterator[Register]:
    """Load ``persons`` into a temporary database; all but the book's file is removed at the end.

    Raises :class:`SimulatorError`.
    """
    with (
        Book.kept_in(book) as kept,
        tempfile.TemporaryDirectory(prefix="register-") as folder,
        duckdb.connect(Path(folder) / "register.duckdb") as connection,
    ):
        load_persons(connection, persons)
        yield Register(connection, Path(folder), limits, secret, clock, kept)
