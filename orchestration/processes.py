"""Whether a process of ours still lives on this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil


def is_alive(pid: int) -> bool:
    """Whether a Python like this one runs under the number; another program may have been given it since.

    In doubt it lives: clocks may be set, so when a process began says nothing.
    """
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and _is_python(process.exe())
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def _is_python(program: str) -> bool:
    return Path(program).resolve() == Path(sys.executable).resolve()
