"""The register behind its door: persons in DuckDB, the book, and one batch answered from bytes to bytes.

Belongs here: the lifetime of the database and of the spool files. HTTP is :mod:`app`, finding is :mod:`answering`.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

import duckdb

from orchestration.simulator.answering import answered
from orchestration.simulator.body import Packing, pack, unpack
from orchestration.simulator.book import ZONE, Book, Entry
from orchestration.simulator.errors import Refusal, Refused
from orchestration.simulator.persons import load_persons
from orchestration.simulator.verdicts import define_verdicts


@dataclass(frozen=True)
class Limits:
    """What one request may hold: rows, and bytes of uncompressed NDJSON; and how fast they may come (None: any)."""

    rows: int = 1_000_000
    bytes: int = 512 << 20
    batches_at_once: int | None = None
    rows_per_second: int | None = None
    rows_per_day: int | None = None

    def announced(self) -> dict[str, int]:
        """As the contract says them; without what is not bounded."""
        return {name: bound for name, bound in asdict(self).items() if bound is not None}


_LARGEST = Limits(rows=1 << 40, bytes=1 << 32)


@dataclass
class Register:
    """A loaded register. ``spool`` is a folder of its own for bodies in flight; ``clock`` gives aware times.

    ``limits`` may be changed while it runs; a key that was counted before is answered whatever they are now.
    """

    connection: duckdb.DuckDBPyConnection
    spool: Path
    limits: Limits
    secret: bytes
    clock: Callable[[], datetime]
    book: Book = field(default_factory=Book)

    def verify(
        self, body: bytes, packing: Packing, answer_packing: Packing, *, key: str, officer: str, purpose: str
    ) -> tuple[bytes, Entry]:
        """Answer one packed body; returns the packed answer and the book's entry. Raises :class:`Refused`."""
        asked = self.spool / f"{uuid.uuid4().hex}.ndjson"
        limits = self.limits_for(key)
        try:
            if unpack(body, packing, asked, limits.bytes) != key:
                raise Refused(Refusal.KEY_MISMATCH)
            with (
                self.connection.cursor() as cursor,
                answered(cursor, asked, row_limit=limits.rows, secret=self.secret) as (tally, lines),
            ):
                if limits.rows_per_day is not None:
                    self._require_day(tally.rows, limits.rows_per_day)
                content = pack(lines, answer_packing)
        finally:
            asked.unlink(missing_ok=True)
        return content, self.book.enter(key, officer=officer, purpose=purpose, tally=tally, at=self.clock())

    def limits_for(self, key: str) -> Limits:
        """The limits in force; hardly any for a batch that was counted before."""
        return _LARGEST if self.book.knows(key) else self.limits

    def _require_day(self, rows: int, most: int) -> None:
        now = self.clock()
        if self.book.rows_on(now) + rows > most:
            local = now.astimezone(ZONE)
            tomorrow = datetime.combine(local.date() + timedelta(days=1), time(), ZONE)
            raise Refused(Refusal.TOO_MANY_REQUESTS, int((tomorrow - local).total_seconds()) + 1)


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
        define_verdicts(connection)
        yield Register(connection, Path(folder), limits, secret, clock, kept)
