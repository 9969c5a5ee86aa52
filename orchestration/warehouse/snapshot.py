"""The warehouse as a sealed report left it, in a file of its own for readers: they hold up no run, and no run them.

Belongs here: publishing that file and opening it. It holds all rows, dbt's manifest with the compiled SQL, and the
name of the report; it takes the place of the one before it by one rename, so that a reader has one of them, whole.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.warehouse.connection import Warehouse
from orchestration.warehouse.digest_key import read_key
from orchestration.warehouse.errors import WarehouseError, cleaned
from orchestration.warehouse.project import compiled_manifest

_COPY = """
import fcntl, os, shutil, sys
os.umask(0o077)
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as target:
    try:
        fcntl.ioctl(target, 0x40049409, source.fileno())
    except OSError:
        shutil.copyfile(source.name, target.name)
"""
# The file is its owner's from its first byte: it holds everybody's names and numbers in clear. The number is FICLONE of
# linux/fs.h, which Python knows from 3.12 on.


@dataclass(frozen=True)
class Snapshot:
    """A warehouse opened for reading: dbt's manifest, and the report's name (None: as it stands, sealed or not)."""

    connection: duckdb.DuckDBPyConnection
    manifest: Mapping[str, Any]
    report: str | None


def publish_snapshot(warehouse: Warehouse, manifest: Mapping[str, Any], report: str) -> None:
    """Copy the warehouse for readers, as what the report of this name was made of.

    Nobody else may write meanwhile. Raises :class:`WarehouseError` where the disk can't hold the copy; the snapshot
    before it stays.
    """
    partial = warehouse.snapshot.with_name(f".{warehouse.snapshot.name}.partial")
    with warehouse.connect() as connection:
        connection.execute("checkpoint")
        _copied(warehouse.path, partial)
    try:
        with duckdb.connect(partial) as connection:
            connection.execute("create schema if not exists sealed")
            connection.execute(
                "create or replace table sealed.report as select $name as name, $manifest as manifest",
                {"name": report, "manifest": json.dumps(manifest)},
            )
    except duckdb.Error as error:
        raise WarehouseError(f"The snapshot for readers could not be written: {cleaned(error)}") from None
    partial.replace(warehouse.snapshot)


@contextmanager
def opened_snapshot(warehouse: Warehouse, target: Path, *, is_live: bool = False) -> Iterator[Snapshot]:
    """Open the snapshot, or the warehouse itself where ``is_live`` or where no report was sealed yet.

    ``target`` is where dbt compiled for the warehouse. Raises :class:`WarehouseError` where neither is there, or the
    digest key isn't, and :class:`orchestration.warehouse.errors.WarehouseBusy` while a run writes the warehouse.
    """
    if is_live or not warehouse.snapshot.exists():
        with warehouse.reading() as connection:
            yield Snapshot(connection, compiled_manifest(target), None)
        return
    read_key(warehouse.key)  # refused here, where it is not taken for a broken copy
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(warehouse.reading(warehouse.snapshot))
            ((name, manifest),) = connection.execute("select name, manifest from sealed.report").fetchall()
            snapshot = Snapshot(connection, json.loads(manifest), str(name))
        except (WarehouseError, duckdb.Error, ValueError):
            raise WarehouseError(
                f"The copy for readers {warehouse.snapshot} is broken; make it anew with `tiemchung report build`, or"
                " look at the warehouse itself with --live."
            ) from None
        yield snapshot


def _copied(source: Path, target: Path) -> None:
    """Copy in a process of its own: closing the file in this one would let go of the lock that DuckDB holds on it.

    Where the file system lets files share blocks (XFS, Btrfs) they do: at once and without more room.
    """
    try:
        for leftover in (target, target.with_name(f"{target.name}.wal")):
            leftover.unlink(missing_ok=True)
    except OSError as error:
        raise _not_copied(source, error.strerror) from None
    command = [sys.executable, "-I", "-c", _COPY, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise _not_copied(source, (done.stderr.strip().splitlines() or ["no reason given"])[-1])


def _not_copied(source: Path, reason: str | None) -> WarehouseError:
    return WarehouseError(
        f"The warehouse could not be copied for readers ({reason}); make room beside {source} and seal again."
    )
