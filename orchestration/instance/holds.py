"""A file of its own that every run holds while its process lives: the operating system lets it go however that ends.

Belongs here: telling a run that lives from one that was killed, wherever Dagster keeps its runs and whichever process
looks. What is done with a killed run is :mod:`active_runs`.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FOLDER = "holds"
_HELD_FOR_LIFE: list[IO[str]] = []
"""Dagster has the run's end written down after the run's own code, so only the process's end lets go."""


def hold_for_life(dagster_home: Path, run_id: str) -> None:
    """Hold the run's file until this process ends."""
    _HELD_FOR_LIFE.append(_held(dagster_home, run_id))


@contextmanager
def holding(dagster_home: Path, run_id: str) -> Iterator[None]:
    """Hold the run's file while the block lasts."""
    with _held(dagster_home, run_id):
        yield


def is_let_go(dagster_home: Path, run_id: str) -> bool | None:
    """Whether the process that held the run's file has ended; None where none ever held it."""
    try:
        stream = _path(dagster_home, run_id).open("r+")
    except FileNotFoundError:
        return None
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
    return sorted(path.name for path in (dagster_home / FOLDER).glob("*"))


def _held(dagster_home: Path, run_id: str) -> IO[str]:
    path = _path(dagster_home, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = path.open("w")
    # It waits where somebody looks at this very moment; nobody else ever holds the file of this run.
    fcntl.flock(stream, fcntl.LOCK_EX)
    return stream


def _path(dagster_home: Path, run_id: str) -> Path:
    return dagster_home / FOLDER / run_id
