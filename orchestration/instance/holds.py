"""A file of its own that a run holds while its process lives: the operating system lets it go however that ends.

Belongs here: telling a run that lives from one that was killed, wherever Dagster keeps its runs and whichever process
looks. What is done with a killed run is :mod:`active_runs`.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FOLDER = "holds"
_COMING = ".coming"
_HELD_FOR_LIFE: dict[Path, IO[bytes]] = {}
"""Dagster has the run's end written down after the run's own code, so only the process's end lets go."""


def hold_for_life(dagster_home: Path, run_id: str) -> None:
    """Hold the run's file until this process ends; once is enough."""
    path = _path(dagster_home, run_id)
    if path not in _HELD_FOR_LIFE:
        _HELD_FOR_LIFE[path] = _held(path)


@contextmanager
def holding(dagster_home: Path, run_id: str) -> Iterator[None]:
    """Hold the run's file while the block lasts."""
    with _held(_path(dagster_home, run_id)):
        yield


def is_let_go(dagster_home: Path, run_id: str) -> bool | None:
    """Whether the process that held the run's file has ended; None where there is none.

    A file that this user may not read is taken to be held.
    """
    try:
        stream = _path(dagster_home, run_id).open("rb")
    except FileNotFoundError:
        return None
    except PermissionError:
        return False
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def forget(dagster_home: Path, run_id: str) -> None:
    """Remove the file of a run that has ended."""
    _path(dagster_home, run_id).unlink(missing_ok=True)


def run_ids(dagster_home: Path) -> list[str]:
    """Runs whose file is there."""
    return sorted(path.name for path in (dagster_home / FOLDER).glob("*") if path.suffix != _COMING)


def _held(path: Path) -> IO[bytes]:
    """The file, which has its name only once it is held: whoever sees it never finds it free before its run is over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    coming = path.with_name(f"{path.name}.{os.getpid()}{_COMING}")
    stream = coming.open("wb")
    fcntl.flock(stream, fcntl.LOCK_EX)
    coming.replace(path)
    return stream


def _path(dagster_home: Path, run_id: str) -> Path:
    return dagster_home / FOLDER / run_id
