"""One table of a dump into one folder of Parquet files: chunks cut here, parsed and written by threads beside.

The folder appears whole or not at all. Which tables, and what the dump's manifest says, is the importer's matter.
"""

from __future__ import annotations

import codecs
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from handover.dump.column_types import ColumnType, column_type
from handover.dump.copy_text import Misfit, parse_rows
from handover.dump.definitions import Column
from handover.dump.digest import add_digests, hasher, rows_digest
from handover.dump.errors import DumpError, Place, refuse
from handover.dump.manifest import ROW_COLUMN, ImportedColumn, ImportedFile
from handover.dump.rows import RowChunk

WORKERS = 2
PART_BYTES = 24 << 20  # COPY text in one Parquet file
SAMPLE_ROWS = 8_000
PART_ROWS = 1_000_000
IN_FLIGHT = 4 * PART_BYTES  # COPY text that is parsed and written at a time; a longer row is alone
WINDOW = 1 << 20


@dataclass(frozen=True)
class TableSource:
    """A table to import: its columns, its codec, and ``chunks``, which reads its rows from the beginning."""

    place: Place
    columns: tuple[Column, ...]
    codec: str
    chunks: Callable[[], Iterator[RowChunk]]


@dataclass(frozen=True)
class WrittenTable:
    """What was written: columns with their types, files, digest, bytes of COPY text."""

    columns: tuple[ImportedColumn, ...]
    files: tuple[ImportedFile, ...]
    digest: str
    bytes: int


@dataclass(frozen=True)
class _Part:
    file: ImportedFile
    digest: int
    bytes: int


def write_table(source: TableSource, folder: Path) -> WrittenTable:
    """Write a table's Parquet files into ``folder`` (made anew).

    A column whose values leave its Arrow type becomes text, and the table is read again. Raises
    :class:`DumpError`; the folder may then hold files that nobody should use.
    """
    types = [column_type(column.type) for column in source.columns]
    for _ in range(len(types) + 1):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            parts = _write_parts(source, types, folder)
        except Misfit as misfit:
            types = [t.as_text() if i in misfit.columns else t for i, t in enumerate(types)]
            continue
        digest = add_digests([part.digest for part in parts])
        files = tuple(part.file for part in parts)
        return WrittenTable(_columns(source, types), files, digest, sum(part.bytes for part in parts))
    raise DumpError(source.place, "columns that can be read as text", "ones that cannot")


def _write_parts(source: TableSource, types: Sequence[ColumnType], folder: Path) -> list[_Part]:
    names = [*field_names([column.name for column in source.columns]), ROW_COLUMN]
    parts: list[_Part] = []
    waiting: deque[tuple[int, Future[_Part]]] = deque()
    with ThreadPoolExecutor(WORKERS) as pool, closing(hasher()) as hashing:
        write = partial(_write_part, types=types, names=names, codec=source.codec, hashing=hashing)
        try:
            for number, batch in enumerate(batches(source.chunks())):
                path = folder / f"part-{number:05d}.parquet"
                size = sum(len(chunk.text) for chunk in batch)
                while waiting and size + sum(of for of, _ in waiting) > IN_FLIGHT:
                    parts.append(waiting.popleft()[1].result())
                waiting.append((size, pool.submit(write, batch, path)))
                if len(waiting) > WORKERS or size > IN_FLIGHT:
                    parts.append(waiting.popleft()[1].result())
            parts += [future.result() for _, future in waiting]
        finally:
            pool.shutdown(cancel_futures=True)
        if not parts:
            empty = RowChunk(b"", 0, 1, source.place)
            parts.append(write([empty], folder / "part-00000.parquet"))
    return parts


def batches(chunks: Iterable[RowChunk]) -> Iterator[list[RowChunk]]:
    """Gather chunks until a Parquet file is full; who takes a list may empty it, so that nothing stays in memory."""
    gathered: list[RowChunk] = []
    for chunk in chunks:
        gathered.append(chunk)
        has_bytes = sum(len(c.text) for c in gathered) >= PART_BYTES
        if has_bytes or sum(c.rows for c in gathered) >= PART_ROWS:
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def _write_part(
    chunks: list[RowChunk],
    path: Path,
    types: Sequence[ColumnType],
    names: Sequence[str],
    codec: str,
    hashing: duckdb.DuckDBPyConnection,
) -> _Part:
    first, count = chunks[0].first_row, sum(chunk.rows for chunk in chunks)
    size = sum(len(chunk.text) for chunk in chunks)
    tables = [_parsed(chunks.pop(0), types, codec) for _ in range(len(chunks))]
    rows = pa.concat_tables(tables)
    _give_back(size)
    digest = rows_digest(rows, hashing)
    ordinals = np.arange(first, first + count, dtype=np.int64)
    # pa.array() would load pandas, which takes longer than a small table
    row_column = pa.Array.from_buffers(pa.int64(), count, [None, pa.py_buffer(ordinals)])
    table = pa.table([*rows.columns, row_column], names=list(names))
    repetitive, rising = _encodings(table)
    pyarrow.parquet.write_table(
        table,
        path,
        compression="lz4",  # a quarter larger than zstd, and written in four fifths of its time
        row_group_size=PART_ROWS,
        use_dictionary=repetitive,
        # nobody looks for a raw row by the range of a text, and finding the range takes a tenth of the import
        write_statistics=[field.name for field in table.schema if not pa.types.is_string(field.type)],
        column_encoding=dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
    )
    del table, rows, tables
    _give_back(size)
    return _Part(ImportedFile(path.name, count, path.stat().st_size), digest, size)


def _give_back(size: int) -> None:
    """Return to the system what Arrow keeps for the next chunk, where this one was a long row."""
    if size > IN_FLIGHT:
        pa.default_memory_pool().release_unused()


def _encodings(table: pa.Table) -> tuple[list[str], list[str]]:
    """Columns to write with a dictionary, and those to write as differences; the choice changes no value.

    A dictionary of values that hardly repeat costs more than it saves, as the first rows show; numbers and times
    that don't repeat are mostly close to the ones before them.
    """
    sample = table.slice(0, SAMPLE_ROWS)
    most = sample.num_rows // 2
    repetitive = [name for name in table.column_names if pc.count_distinct(sample[name]).as_py() <= most]
    others = [field for field in table.schema if field.name not in repetitive]
    rising = [f.name for f in others if pa.types.is_integer(f.type) or pa.types.is_timestamp(f.type)]
    return repetitive, rising


def _parsed(chunk: RowChunk, types: Sequence[ColumnType], codec: str) -> pa.Table:
    if not chunk.rows:
        schema = [(str(i), type_.arrow) for i, type_ in enumerate(types)]
        return pa.Table.from_batches([], pa.schema(schema))
    if codec == "utf-8":
        return parse_rows(chunk, types)
    try:
        chunk.text = _as_utf8(chunk.text, codec)
    except UnicodeDecodeError:
        refuse(chunk.place, "text in the dump's encoding", "bytes that are not")
    return parse_rows(chunk, types)


def _as_utf8(text: bytes | bytearray, codec: str) -> bytes:
    decoder, given = codecs.getincrementaldecoder(codec)(), memoryview(text)
    pieces = (decoder.decode(given[at : at + WINDOW]).encode() for at in range(0, len(given), WINDOW))
    return b"".join((*pieces, decoder.decode(b"", final=True).encode()))


def field_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return names for Parquet that no engine confuses: distinct in lower case, and none of them ``_row``."""
    used = {ROW_COLUMN, *(name.lower() for name in names if name == name.lower())}
    fields: list[str] = []
    for name in names:
        field, number = name, 1
        while (name != name.lower() or name == ROW_COLUMN or number > 1) and field.lower() in used:
            number += 1
            field = f"{name}~{number}"
        used.add(field.lower())
        fields.append(field)
    return tuple(fields)


def _columns(source: TableSource, types: Sequence[ColumnType]) -> tuple[ImportedColumn, ...]:
    fields = field_names([column.name for column in source.columns])
    return tuple(
        ImportedColumn(column.name, field, column.type, str(type_.arrow), type_.text_because)
        for column, field, type_ in zip(source.columns, fields, types, strict=True)
    )
