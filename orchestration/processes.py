"""Whether a process of ours still lives on this machine."""

from __future__ import annotations

from pathlib import Path

import psutil


def is_alive(pid: int) -> bool:
    """Whether a Python runs under the number; another program may have been given it since.

    In doubt it lives: clocks may be set, so when a process began says nothing.
    """
    try:
        process = psutil.Process(pid)
        is_ended = process.status() == psutil.STATUS_ZOMBIE
        return not is_ended and "python" in Path(process.exe()).name.lower()
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
