"""A batch while it is being written: its lines hashed and packed as they come, then made durable with their index.

Belongs here: bytes of one batch. Which rows it holds and what the ledger knows of it is :mod:`outbox`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.ipc
import pyarrow.parquet
from isal import isal_zlib

from orchestration.population.files import GZIP, Rooms, make_durable, partial

_LINE = "line"
_BATCH = "batch_id"
_FEW_VALUES = ["asking", _BATCH, "number_kind", "province_code"]
_INDEX = ("subject_id", "content_digest", "asking", _BATCH, "number_kind", "province_code")
_NOT_PACKED = "content_digest"
"""Digests don't become smaller."""


@dataclass(frozen=True)
class Sealed:
    """A batch that lies durably on disk: the SHA-256 of its content, its rows and uncompressed bytes."""

    batch_id: str
    row_count: int
    byte_count: int


class Draft:
    """One batch on its way to disk. ``name`` is free among the drafts of a preparation."""

    def __init__(self, rooms: Rooms, name: str) -> None:
        self.row_count = 0
        self._rooms, self._path = rooms, rooms.folder / "batches" / f"{name}.partial"
        self._digest, self._byte_count = hashlib.sha256(), 0
        self._deflator = isal_zlib.compressobj(1, isal_zlib.DEFLATED, GZIP)
        self._index: list[pa.RecordBatch] = []

    def add(self, rows: pa.RecordBatch) -> None:
        """Add rows: their ``line`` of NDJSON to the body, their other columns to the index."""
        content = _bytes_of(rows.column(_LINE))
        self._digest.update(content)
        self._append(self._deflator.compress(content))
        self._byte_count += len(content)
        self.row_count += rows.num_rows
        # A copy: whatever is kept of a piece keeps all of it, lines included.
        index = rows.drop_columns([_LINE])
        self._index.append(pyarrow.ipc.read_record_batch(index.serialize(), index.schema))

    def seal(self) -> Sealed:
        """Make body and index durable under the name of the content."""
        batch_id = self._digest.hexdigest()
        self._append(self._deflator.flush())
        self._path.replace(partial(self._rooms.body(batch_id)))
        index = self._rooms.index(batch_id)
        _write_index(self._index, batch_id, partial(index))
        make_durable(self._rooms.body(batch_id))
        make_durable(index)
        return Sealed(batch_id, self.row_count, self._byte_count)

    def _append(self, packed: bytes) -> None:
        with self._path.open("ab") as body:
            body.write(packed)


def _bytes_of(lines: pa.StringArray) -> memoryview:
    """The bytes of a text column are one piece of memory, row after row: the lines themselves."""
    _, offsets, content = lines.buffers()
    starts = memoryview(offsets).cast("i")
    return memoryview(content)[starts[lines.offset] : starts[lines.offset + len(lines)]]


def _write_index(rows: list[pa.RecordBatch], batch_id: str, target: Path) -> None:
    index = pa.Table.from_batches(rows)
    batch = pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int8()), index.num_rows), [batch_id])
    index = index.append_column(_BATCH, batch).select(_INDEX)
    packing = {name: "none" if name == _NOT_PACKED else "lz4" for name in _INDEX}
    pyarrow.parquet.write_table(index, target, compression=packing, use_dictionary=_FEW_VALUES)
