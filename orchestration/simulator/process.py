"""The stand-in register as a process of its own, for as long as a ``with`` block lasts."""

from __future__ import annotations

import json
import secrets
import selectors
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

from orchestration.simulator.errors import SimulatorError
from orchestration.simulator.register import Limits
from orchestration.simulator.server import Certificate

_START_SECONDS = 600
"""A national register takes minutes to load."""
_STOP_SECONDS = 15


@dataclass
class StandIn:
    """``with StandIn(persons) as stand_in:`` gives ``stand_in.url`` and ``stand_in.token``.

    Port 0 takes a free one. The process ends with the block, and with its parent however that ends.
    Raises :class:`SimulatorError` with the server's own sentence where it does not come up.
    """

    persons: Path
    port: int = 0
    limits: Limits = field(default_factory=Limits)
    token: str = ""
    url: str = ""
    book: Path | None = None
    faults: Path | None = None
    certificate: Certificate | None = None

    def __enter__(self) -> StandIn:
        self.token = self.token or secrets.token_urlsafe(32)
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8")
        # Its files lie here: a server that is killed cannot tidy up, and one whose parent is killed does.
        self._room = tempfile.TemporaryDirectory(prefix="stand-in-")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "orchestration.simulator"],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        try:
            self.url = self._ordered()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def kill(self) -> None:
        """End the server at once, as a crash would; the block may go on without it."""
        self._process.kill()
        self._process.wait()

    def _ordered(self) -> str:
        stdin, stdout = _pipe(self._process.stdin), _pipe(self._process.stdout)
        orders = {
            "persons": str(self.persons.resolve()),
            "room": self._room.name,
            "port": self.port,
            "token": self.token,
            "limits": asdict(self.limits),
            "book": str(self.book.resolve()) if self.book else None,
            "faults": str(self.faults.resolve()) if self.faults else None,
            "certificate": [str(self.certificate.chain), str(self.certificate.key)]
            if self.certificate
            else None,
        }
        try:
            stdin.write(json.dumps(orders) + "\n")
            stdin.flush()
        except BrokenPipeError:
            raise self._failed() from None
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            line = stdout.readline() if selector.select(_START_SECONDS) else ""
        if not line:
            raise self._failed()
        return str(json.loads(line)["url"])

    def _failed(self) -> SimulatorError:
        self._process.kill()
        self._process.wait()
        self._errors.seek(0)
        said = self._errors.read().strip().splitlines()
        reason = said[-1] if said else f"it ended with code {self._process.returncode} and said nothing"
        return SimulatorError(f"The stand-in register did not start: {reason}")

    def _stop(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        self._room.cleanup()


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise SimulatorError(
            "The stand-in register was started without pipes; this is a fault of the program."
        )
    return stream
