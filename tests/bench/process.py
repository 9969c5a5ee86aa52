"""One command as a process of its own, and what it took."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

Command = list[str | Path]
WATCH = (
    "import resource, subprocess, sys, time; t = time.perf_counter(); code = subprocess.call(sys.argv[1:], stdout=2);"
    " used = resource.getrusage(resource.RUSAGE_CHILDREN);"
    " print(time.perf_counter() - t, used.ru_maxrss, used.ru_utime + used.ru_stime); sys.exit(code)"
)
"""A small process between: a child's peak begins with its parent's, and ours is large by then."""


@dataclass(frozen=True)
class Measured:
    """What a command took: wall seconds, the peak memory of its largest process in MB, processor seconds of all."""

    what: str
    seconds: float
    peak_mb: int
    cpu: float = 0.0


def measured(what: str, command: Command) -> Measured:
    """Run a command to its end, once the disk is quiet; a failing one stops the bench with what it said."""
    os.sync()
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", WATCH, *command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{what} failed:\n{done.stderr}")
    seconds, peak_kb, cpu = done.stdout.splitlines()[-1].split()
    return Measured(what, round(float(seconds), 2), int(peak_kb) // 1024, round(float(cpu), 1))
