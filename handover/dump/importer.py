"""The dump's front door: say what a dump contains, and import its tables to Parquet with a manifest.

Order of work, what is skipped and what is replaced is decided here; reading and writing happen in the modules
beside.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from handover.dump.archive import ArchiveHeader, ArchiveReader, read_header
from handover.dump.blocks import data_offsets, decompressed
from handover.dump.contents import DumpContents, TableData, contents_of, table_data
from handover.dump.digest import METHOD
from handover.dump.errors import DumpError, Place, printable, refuse
from handover.dump.manifest import (
    MANIFEST,
    RECORD,
    DumpManifest,
    ImportedTable,
    folder_name,
    read_record,
    write_json,
)
from handover.dump.rows import RowChunk, row_chunks
from handover.dump.table_import import TableSource, WrittenTable, write_table
from handover.dump.toc import TableOfContents, read_toc

Progress = Callable[[int, int], None]
PARTIAL = ".partial-"


@dataclass(frozen=True)
class _Archive:
    reader: ArchiveReader
    header: ArchiveHeader
    toc: TableOfContents


def inspect_dump(path: Path) -> DumpContents:
    """Tell what a custom-format dump contains without reading its data; raises :class:`DumpError`."""
    with ArchiveReader(Place(path)) as reader:
        archive = _opened(reader)
        return contents_of(reader, archive.header, archive.toc)


def import_dump(
    path: Path,
    out: Path,
    *,
    tables: Collection[str] | None = None,
    content_id: str | None = None,
    label: str | None = None,
    on_progress: Progress | None = None,
) -> DumpManifest:
    """Import a dump's tables (``schema.name``; all by default) into ``out`` and write its manifest there.

    One folder per table; a table complete from the same dump (by ``content_id``, else by sha256) is kept as it
    is. ``label`` names the file in errors. ``on_progress`` is called with bytes of the dump done and in all.
    Raises :class:`DumpError`: tables complete by then stay, nothing partial is visible, and there is no manifest.
    """
    place = Place(path, label=label)
    try:
        with ArchiveReader(place) as reader:
            archive = _opened(reader)
            chosen = _chosen(archive, tables)
            identity = content_id or _sha256(path)
            return _import(archive, chosen, out, identity, on_progress or _no_progress)
    except (OSError, pa.ArrowException, duckdb.Error) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        remedy = "check free space and permissions of the target folder, then import again"
        raise DumpError(place, "that its tables can be written", reason, remedy) from None


def _import(
    archive: _Archive, chosen: tuple[TableData, ...], out: Path, identity: str, on_progress: Progress
) -> DumpManifest:
    out.mkdir(parents=True, exist_ok=True)
    (out / MANIFEST).unlink(missing_ok=True)
    _discard_others(out, identity)
    waiting = [data for data in chosen if _complete(data, out, identity) is None]
    needed = tuple(data.entry for data in waiting)
    offsets = data_offsets(archive.reader, needed, archive.toc.end)
    for data in sorted(waiting, key=lambda data: offsets[data.entry.dump_id]):
        _import_table(archive, data, offsets[data.entry.dump_id], out, identity, on_progress)
    on_progress(archive.reader.size, archive.reader.size)
    manifest = _manifest(archive, out, identity)
    write_json(out / MANIFEST, manifest.as_json())
    return manifest


def _import_table(
    archive: _Archive, data: TableData, offset: int, out: Path, identity: str, on_progress: Progress
) -> None:
    started = time.monotonic()
    place = archive.reader.place.of(data.table.full_name)

    def chunks() -> Iterator[RowChunk]:
        pieces = decompressed(archive.reader, data.entry, offset, archive.header.compression, place)
        for chunk in row_chunks(pieces, place, lambda: archive.reader.position):
            on_progress(archive.reader.position, archive.reader.size)
            yield chunk

    folder = out / folder_name(data.table.schema, data.table.name)
    partial = out / f"{PARTIAL}{folder.name}"
    try:
        written = write_table(TableSource(place, data.table.columns, archive.toc.codec, chunks), partial)
        seconds = round(time.monotonic() - started, 3)
        write_json(partial / RECORD, _record(data, written, folder, identity, seconds).as_json())
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _record(
    data: TableData, written: WrittenTable, folder: Path, identity: str, seconds: float
) -> ImportedTable:
    return ImportedTable(
        schema=data.table.schema,
        name=data.table.name,
        rows=sum(file.rows for file in written.files),
        columns=written.columns,
        digest=written.digest,
        bytes=written.bytes,
        seconds=seconds,
        folder=folder,
        files=written.files,
        content_id=identity,
    )


def _manifest(archive: _Archive, out: Path, identity: str) -> DumpManifest:
    contents = contents_of(archive.reader, archive.header, archive.toc)
    found = (_complete(data, out, identity) for data in table_data(archive.reader, archive.toc))
    return DumpManifest(
        content_id=identity,
        archive_version=contents.archive_version,
        server_version=contents.server_version,
        encoding=contents.encoding,
        compression=contents.compression,
        digest_method=METHOD,
        tables=tuple(table for table in found if table is not None),
        tables_without_data=tuple(t.full_name for t in contents.tables if not t.has_data),
    )


def _opened(reader: ArchiveReader) -> _Archive:
    header = read_header(reader)
    return _Archive(reader, header, read_toc(reader, header))


def _chosen(archive: _Archive, names: Collection[str] | None) -> tuple[TableData, ...]:
    found = table_data(archive.reader, archive.toc)
    if names is None:
        return found
    unknown = sorted(set(names) - {data.table.full_name for data in found})
    if unknown:
        listed = ", ".join(printable(name) for name in unknown)
        remedy = "inspect the dump for the names of its tables"
        refuse(archive.reader.place, f"data of {listed}", "none", remedy)
    return tuple(data for data in found if data.table.full_name in names)


def _complete(data: TableData, out: Path, identity: str) -> ImportedTable | None:
    table = read_record(out / folder_name(data.table.schema, data.table.name))
    is_same = table is not None and table.content_id == identity and table.is_on_disk
    return table if is_same else None


def _discard_others(out: Path, identity: str) -> None:
    """Remove what an import broke off or took from another dump; other folders are left alone."""
    for folder in out.iterdir():
        table = read_record(folder)
        is_stale = table is not None and table.content_id != identity
        if is_stale or folder.name.startswith(PARTIAL):
            shutil.rmtree(folder)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _no_progress(done: int, total: int) -> None:
    """Tell nobody."""
