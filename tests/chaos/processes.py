"""Processes to be killed: forked from one that has loaded everything, so that a life costs no imports.

Belongs here: starting, and a server's address. Who is killed when is :mod:`runs`.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from orchestration.simulator.register import Limits
from orchestration.simulator.server import serve

CLIENT, DAGSTER_RUN = "tests.chaos.client", "tests.chaos.dagster_run"
IMPORTED_LATE = ("pandas", "alembic.context", "dagster._core.storage.sqlite_storage")
"""What Arrow and Dagster load when they are first used."""
TOKEN = "chaos"
START_SECONDS = 60


@cache
def _forked() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, CLIENT, DAGSTER_RUN, *IMPORTED_LATE])
    return context


def started(module: str, function: str, *arguments: str) -> BaseProcess:
    """``module.function(*arguments)`` in a process and a session of its own; what it raises is its exit code alone."""
    return _start(_called, module, function, *arguments)


def _start(target: Callable[..., None], *arguments: object) -> BaseProcess:
    process = _forked().Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def _called(module: str, function: str, *arguments: str) -> None:
    _silent()
    getattr(importlib.import_module(module), function)(*arguments)


def _silent() -> None:
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        os.dup2(nowhere, stream)


@dataclass
class Register:
    """``with Register(persons, port, …) as register``: the stand-in's own server; it ends with its parent."""

    persons: Path
    port: int
    limits: Limits = field(default_factory=Limits)
    book: Path | None = None
    faults: Path | None = None

    @property
    def url(self) -> str:
        """Where it answers, be it alive or dead."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Register:
        self._line, theirs = _forked().Pipe()
        self._process = _start(_served, theirs, self)
        theirs.close()
        if not self._line.poll(START_SECONDS):
            raise TimeoutError("The register did not come up within a minute.")
        self._line.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._line.close()

    def __reduce__(self) -> tuple[Any, ...]:
        return Register, (self.persons, self.port, self.limits, self.book, self.faults)

    def kill(self) -> None:
        """``kill -9``."""
        self._process.kill()
        self._process.join()


def _served(line: Connection, register: Register) -> None:
    _silent()
    tempfile.tempdir = str(
        register.persons.parent
    )  # whoever is killed leaves files behind: in the run's own folder
    serve(
        register.persons,
        host="127.0.0.1",
        port=register.port,
        token=TOKEN,
        limits=register.limits,
        book=register.book,
        faults=register.faults,
        on_ready=lambda url, _: line.send(url),
        until_closed=os.fdopen(os.dup(line.fileno())),
    )


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
