"""``python -m orchestration.simulator``: the stand-in register as a child process of :class:`process.StandIn`.

Reads its orders as one JSON line from stdin, so that the token stands in no process list; says on stdout where
it answers; ends when stdin ends, so that it never outlives its parent, and removes the room it was given for files.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

from orchestration.simulator.errors import SimulatorError
from orchestration.simulator.register import Limits
from orchestration.simulator.server import Certificate, serve


def main() -> int:
    """Serve as ordered; returns 1 after one sentence on stderr where that cannot be done."""
    orders = json.loads(sys.stdin.readline())
    tempfile.tempdir = orders["room"]
    try:
        serve(
            Path(orders["persons"]),
            host="127.0.0.1",
            port=orders["port"],
            token=orders["token"],
            limits=Limits(**orders["limits"]),
            book=Path(orders["book"]) if orders["book"] else None,
            faults=Path(orders["faults"]) if orders["faults"] else None,
            certificate=Certificate(*map(Path, orders["certificate"])) if orders["certificate"] else None,
            on_ready=_ready,
            until_closed=sys.stdin,
        )
    except SimulatorError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        shutil.rmtree(orders["room"], ignore_errors=True)
    return 0


def _ready(url: str, token: str) -> None:  # noqa: ARG001 (the parent chose the token)
    sys.stdout.write(json.dumps({"url": url}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
