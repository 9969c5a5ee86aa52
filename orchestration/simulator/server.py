"""Serving the stand-in register until it is interrupted. Sockets and the server's life belong here, answers do not."""

from __future__ import annotations

import hashlib
import secrets
import socket
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import uvicorn

from orchestration.simulator.app import create_app
from orchestration.simulator.errors import SimulatorError
from orchestration.simulator.register import Limits, open_register

_BACKLOG = 128
OnReady = Callable[[str, str], None]


def serve(
    persons: Path,
    *,
    host: str,
    port: int,
    token: str | None,
    limits: Limits | None = None,
    book: Path | None = None,
    on_ready: OnReady | None = None,
    until_closed: TextIO | None = None,
) -> None:
    """Load ``persons`` and answer at ``host:port`` (0: any free port) until interrupted.

    ``token`` None makes a new one; ``book`` is the file that remembers what was received (None: memory alone).
    ``on_ready(url, token)`` is called once requests are taken; without it both are written to stderr. When
    ``until_closed`` reaches its end (the parent died), the server stops. Raises :class:`SimulatorError` where the
    persons cannot be loaded or the address is taken.
    """
    key = token or secrets.token_urlsafe(32)
    with (
        _listening(host, port) as listener,
        open_register(
            persons,
            limits=limits or Limits(),
            secret=hashlib.sha256(f"superseding-token:{key}".encode()).digest(),
            clock=lambda: datetime.now(UTC),
            book=book,
        ) as register,
    ):
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(register, key),
                loop="asyncio",
                http="httptools",
                lifespan="off",
                access_log=False,
                log_level="warning",
                timeout_graceful_shutdown=10,
            )
        )
        if until_closed is not None:
            threading.Thread(target=_stop_at_end, args=(until_closed, server), daemon=True).start()
        (on_ready or _announce)(f"http://{host}:{listener.getsockname()[1]}", key)
        server.run(sockets=[listener])


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise SimulatorError(
            f"The stand-in register cannot listen at {host}:{port} ({error.strerror}); choose another port."
        ) from error
    return listener


def _stop_at_end(stream: TextIO, server: uvicorn.Server) -> None:
    while stream.read(1):
        pass
    server.should_exit = True


def _announce(url: str, token: str) -> None:
    sys.stderr.write(
        f"Stand-in register at {url}\nTIEMCHUNG_REGISTER_URL={url} TIEMCHUNG_REGISTER_TOKEN={token}\n"
    )
