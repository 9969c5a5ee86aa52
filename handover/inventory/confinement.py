"""Read documents in a process of their own, whose time and memory are bounded, and survive what it doesn't survive.

One process serves many documents and is started for the first one that needs it; it is ended when a document goes
beyond the limits, and started anew for the next. What is read, and how, is the business of ``formats``.
"""

from __future__ import annotations

import json
import math
import os
import resource
import selectors
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Self, cast

from handover.inventory.contents import (
    DocumentBeyondLimitsError,
    DocumentEncryptedError,
    DocumentFormat,
    DocumentUnreadableError,
    Facts,
)
from handover.inventory.formats import is_layered, read_document

PATIENCE = 5
"""How many times its processor seconds a document may take by the clock, on a machine that is busy otherwise."""

MAX_ANSWER = 64 << 20
"""Bytes of an answer; the text kept of a document, escaped, is far below."""

START_SECONDS = 120
"""By the clock, for the process to be ready."""

_ERRORS = (DocumentEncryptedError, DocumentBeyondLimitsError, DocumentUnreadableError)  # narrowest first


@dataclass(frozen=True)
class Limits:
    """What one document is given: seconds of the processor, and bytes of memory for the process that reads it."""

    cpu_seconds: int = 60
    memory_bytes: int = 2 << 30


class ConfinedReader:
    """Reads documents; those that can be far larger than they look, in the confined process. A context manager."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def read(self, location: Path, suffix: str) -> Facts:
        """The facts of one document.

        Raises OSError when the file can't be opened, :class:`DocumentUnreadableError` when it can't be understood,
        and of these :class:`DocumentBeyondLimitsError` when it went beyond the limits.
        """
        if not is_layered(location):
            return read_document(location, suffix)
        process = self._process or self._start()
        answer = _answer(process, [str(location.absolute()), suffix], PATIENCE * self._limits.cpu_seconds)
        if answer is None:
            self._end()
            message = (
                f"can't be read within {self._limits.cpu_seconds} seconds and"
                f" {self._limits.memory_bytes >> 20} MiB of memory"
            )
            raise DocumentBeyondLimitsError(message)
        return _understood(answer)

    def _start(self) -> subprocess.Popen[bytes]:
        limits = [str(self._limits.cpu_seconds), str(self._limits.memory_bytes)]
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "handover.inventory.confinement", *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        if _answer(self._process, [], START_SECONDS) is None:
            self._end()
            raise RuntimeError(
                "The process that reads documents didn't start; run"
                " `python -m handover.inventory.confinement 60 2147483648` to see why"
            )
        return self._process

    def _end(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _answer(process: subprocess.Popen[bytes], request: list[str], seconds: float) -> dict[str, Any] | None:
    """What the process says to a request; None where it ended or took longer than so many seconds."""
    requests, answers = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    try:
        requests.write(json.dumps(request).encode() + b"\n")
        requests.flush()
    except BrokenPipeError:
        return None
    answer, end = bytearray(), time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        selector.register(answers, selectors.EVENT_READ)
        while not answer.endswith(b"\n"):
            is_there = selector.select(max(0.0, end - time.monotonic()))
            chunk = os.read(answers.fileno(), 1 << 16) if is_there else b""
            if not chunk or len(answer) > MAX_ANSWER:
                return None
            answer += chunk
    told: dict[str, Any] = json.loads(answer)
    return told


def _understood(answer: dict[str, Any]) -> Facts:
    if "facts" in answer:
        fields = answer["facts"]
        return Facts(**fields | {"format": DocumentFormat(fields["format"])})
    if "errno" in answer:
        raise OSError(answer["errno"], answer["message"])
    raise next(each for each in _ERRORS if each.__name__ == answer["error"])(answer["message"])


def _serve(limits: Limits) -> None:
    """Answer every request on standard input, a line each, within the limits; nothing else reaches the answers."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        _limit(resource.RLIMIT_AS, limits.memory_bytes)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_FSIZE, 0)
        for line in sys.stdin:
            request = json.loads(line)
            _limit(resource.RLIMIT_CPU, math.ceil(time.process_time()) + limits.cpu_seconds)
            told = _told(*request) if request else {}
            answers.write(json.dumps(told) + "\n")
            answers.flush()


def _limit(what: int, size: int) -> None:
    """Give this process so much of it, or less where the system already allows it less."""
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))


def _told(location: str, suffix: str) -> dict[str, Any]:
    try:
        return {"facts": asdict(read_document(Path(location), suffix))}
    except DocumentUnreadableError as error:
        known = next(each for each in _ERRORS if isinstance(error, each))
        return {"error": known.__name__, "message": str(error)}
    except OSError as error:
        return {"errno": error.errno, "message": error.strerror}


if __name__ == "__main__":
    _serve(Limits(*map(int, sys.argv[1:3])))
