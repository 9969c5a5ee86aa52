"""The dump's front door: say what a dump contains, and import its tables to Parquet with a manifest.

Order of work, what is skipped and what is replaced is decided here; reading and writing happen in the modules
beside.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

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
from handover.dump.opening import open_dump
from handover.dump.rows import RowChunk, row_chunks
from handover.dump.source import DumpSource
from handover.dump.table_import import TableSource, WrittenTable, write_table

Progress = Callable[[int, int], None]
Files = Mapping[str, Path] | None
PARTIAL = ".partial-"


def inspect_dump(path: Path, *, files: Files = None, label: str | None = None) -> DumpContents:
    """Tell what a dump contains without reading its data (plain SQL is scanned); raises :class:`DumpError`."""
    with open_dump(Place(path, label=label), files) as source:
        return contents_of(source)


def import_dump(
    path: Path,
    out: Path,
    *,
    files: Files = None,
    tables: Collection[str] | None = None,
    content_id: str | None = None,
    label: str | None = None,
    on_progress: Progress | None = None,
) -> DumpManifest:
    """Import a dump's tables (``schema.name``; all by default) into ``out`` and write its manifest there.

    ``path`` is a file or the folder of a directory dump, ``files`` are the latter's by name where they lie elsewhere.
    One folder per table; a table complete from the same dump (by ``content_id``, else by sha256) is kept as it
    is. ``label`` names the file in errors. ``on_progress`` is called with bytes of the dump done and in all.
    Raises :class:`DumpError`: tables complete by then stay, nothing partial is visible, and there is no manifest.
    """
    place = Place(path, label=label)
    try:
        with open_dump(place, files) as source:
            chosen = _chosen(source, tables)
            identity = content_id or _identity(path, files)
            return _import(source, chosen, out, identity, on_progress or _no_progress)
    except (OSError, pa.ArrowException, duckdb.Error) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        remedy = "check free space and permissions of the target folder, then import again"
        raise DumpError(place, "that its tables can be written", reason, remedy) from None


def _import(
    source: DumpSource, chosen: tuple[TableData, ...], out: Path, identity: str, on_progress: Progress
) -> DumpManifest:
    out.mkdir(parents=True, exist_ok=True)
    (out / MANIFEST).unlink(missing_ok=True)
    _discard_others(out, identity)
    waiting = {data.entry.dump_id: data for data in chosen if _complete(data, out, identity) is None}
    for entry in source.in_order(tuple(data.entry for data in waiting.values())):
        _import_table(source, waiting[entry.dump_id], out, identity, on_progress)
    on_progress(source.size, source.size)
    manifest = _manifest(source, out, identity)
    write_json(out / MANIFEST, manifest.as_json())
    return manifest


def _import_table(
    source: DumpSource, data: TableData, out: Path, identity: str, on_progress: Progress
) -> None:
    started = time.monotonic()
    place = source.place.of(data.table.full_name)

    def chunks() -> Iterator[RowChunk]:
        for chunk in row_chunks(source.copy_text(data.entry), place, lambda: source.position):
            on_progress(min(source.position, source.size), source.size)
            yield chunk

    folder = out / folder_name(data.table.schema, data.table.name)
    partial = out / f"{PARTIAL}{folder.name}"
    try:
        written = write_table(TableSource(place, data.table.columns, source.facts.codec, chunks), partial)
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


def _manifest(source: DumpSource, out: Path, identity: str) -> DumpManifest:
    contents = contents_of(source)
    found = (_complete(data, out, identity) for data in table_data(source))
    return DumpManifest(
        content_id=identity,
        format=contents.format,
        archive_version=contents.archive_version,
        server_version=contents.server_version,
        encoding=contents.encoding,
        compression=contents.compression,
        digest_method=METHOD,
        tables=tuple(table for table in found if table is not None),
        tables_without_data=tuple(t.full_name for t in contents.tables if not t.has_data),
        meta_commands=contents.meta_command_count,
    )


def _chosen(source: DumpSource, names: Collection[str] | None) -> tuple[TableData, ...]:
    found = table_data(source)
    if names is None:
        return found
    unknown = sorted(set(names) - {data.table.full_name for data in found})
    if unknown:
        listed = ", ".join(printable(name) for name in unknown)
        remedy = "inspect the dump for the names of its tables"
        refuse(source.place, f"data of {listed}", "none", remedy)
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


def _identity(path: Path, files: Files) -> str:
    """The sha256 of a file, or that of the names and sha256 of a folder's files."""
    if files is None and path.is_file():
        return _sha256(path)
    named = files if files is not None else _regular_files(path)
    lines = (f"{_sha256(named[name])}  {name}\n".encode() for name in sorted(named))
    return hashlib.sha256(b"".join(lines)).hexdigest()


def _regular_files(folder: Path) -> dict[str, Path]:
    return {each.name: each for each in folder.iterdir() if each.is_file() and not each.is_symlink()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _no_progress(done: int, total: int) -> None:
    """Tell nobody."""
