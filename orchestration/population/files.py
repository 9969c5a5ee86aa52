"""Files beside the ledger: where each lies, and how one becomes durable. Knows names and bytes, not what they mean.

``batches/<id>.ndjson.gz`` what is asked · ``batches/<id>.index.parquet`` which subjects it asks about ·
``answers/<id>.ndjson.gz`` the answer verbatim · ``answers/<id>.parquet`` the verified answer ·
``answers/faulty/<id>-<attempt>.ndjson.gz`` answers that broke the contract · ``lock`` held by the run that exchanges.
Files end in ``.partial`` until whole.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from isal import isal_zlib

from orchestration.population.errors import LedgerError

CHUNK = 1 << 20
GZIP = 31
"""zlib's window bits for exactly one gzip member; isal is zlib several times as fast."""
_READ_ONLY = 0o400


@dataclass(frozen=True)
class Rooms:
    """The ledger's folder."""

    folder: Path

    def body(self, batch_id: str) -> Path:
        """What is asked, as sent."""
        return self.folder / "batches" / f"{batch_id}.ndjson.gz"

    def index(self, batch_id: str) -> Path:
        """The subjects asked about: subject_id, content_digest, asking, batch_id, number_kind, province_code."""
        return self.folder / "batches" / f"{batch_id}.index.parquet"

    def answer(self, batch_id: str) -> Path:
        """The answer as received."""
        return self.folder / "answers" / f"{batch_id}.ndjson.gz"

    def segment(self, batch_id: str) -> Path:
        """The verified answer, one row a subject."""
        return self.folder / "answers" / f"{batch_id}.parquet"

    def faulty(self, name: str) -> Path:
        """An answer that broke the contract, by batch and attempt."""
        return self.folder / "answers" / "faulty" / f"{name}.ndjson.gz"

    def make(self) -> None:
        """Create the folders, closed to other users."""
        for folder in ("batches", "answers", "answers/faulty"):
            (self.folder / folder).mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder for this process; raises :class:`LedgerError` at once where another one holds it.

        The hold ends with the process, however that ends.
        """
        self.make()
        with (self.folder / "lock").open("w") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LedgerError(
                    "Another run exchanges with the register here; let it end, then run again. Nothing was changed."
                ) from None
            yield

    def sweep(self, is_known: Callable[[str], bool]) -> None:
        """Remove what an interrupted preparation left: partial files, and batches the ledger does not know."""
        for path in (self.folder / "batches").iterdir():
            if path.suffix == ".partial" or not is_known(path.name.partition(".")[0]):
                path.unlink()


@contextmanager
def room_to_write() -> Iterator[None]:
    """A disk that is full or gone leaves as :class:`LedgerError`; what was not whole is written anew next time."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise LedgerError(
            f"The ledger's folder cannot be written or read ({_reason(error)}). See that its disk has room and is "
            "there, then run again: nothing is lost, and nothing is asked twice."
        ) from None


def _reason(error: Exception) -> str:
    """The system's word for it; a database's message may quote what it wrote."""
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def require(paths: Iterable[Path]) -> None:
    """Raise :class:`LedgerError` when a file that the ledger vouches for is gone: nothing is left out silently."""
    gone = [path for path in paths if not path.exists()]
    if gone:
        raise LedgerError(
            f"{len(gone)} files of the ledger are missing, the first is {gone[0]}; "
            "restore the ledger's folder from its backup, together with its database."
        )


def partial(final: Path) -> Path:
    """Where a file is written before it is whole."""
    return final.with_name(f"{final.name}.partial")


def make_durable(final: Path) -> None:
    """Give ``partial(final)`` its name: bytes, then name, reach the disk before this returns; for its owner to read."""
    draft = partial(final)
    with draft.open("rb") as stream:
        os.fsync(stream.fileno())
    draft.replace(final)
    final.chmod(_READ_ONLY)
    folder = os.open(final.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def damage(packed: Path, byte_limit: int) -> str | None:
    """What is wrong with a file that should be one gzip member of at most ``byte_limit`` bytes, or None."""
    inflator, size = isal_zlib.decompressobj(GZIP), 0
    with packed.open("rb") as stream:
        pending = stream.read(CHUNK)
        while pending and not inflator.eof:
            try:
                size += len(inflator.decompress(pending, CHUNK))
            except isal_zlib.error:  # type: ignore[misc]  # its stub takes the class for one of its errors
                return "it is not gzip, or was damaged on the way"
            if size > byte_limit:
                return f"it holds more than {byte_limit} bytes"
            pending = inflator.unconsumed_tail or stream.read(CHUNK)
        if not inflator.eof:
            return "it ends too early"
        return "something follows its end" if inflator.unused_data or pending else None


def sha256(path: Path) -> str:
    """SHA-256 of a file as hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
