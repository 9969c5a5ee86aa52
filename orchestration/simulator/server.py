"""Serving the stand-in register until it is interrupted. Sockets and the server's life belong here, answers do not."""

from __future__ import annotations

import hashlib
import secrets
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import uvicorn
from starlette.types import ASGIApp

from orchestration.simulator.app import create_app
from orchestration.simulator.errors import SimulatorError
from orchestration.simulator.faults import read_faults
from orchestration.simulator.misconduct import Misconduct
from orchestration.simulator.register import Limits, open_register

_BACKLOG = 128


@dataclass(frozen=True)
class Certificate:
    """PEM files: the server's chain, and its key."""

    chain: Path
    key: Path


OnReady = Callable[[str, str], None]


def serve(
    persons: Path,
    *,
    host: str,
    port: int,
    token: str | None,
    limits: Limits | None = None,
    book: Path | None = None,
    faults: Path | None = None,
    certificate: Certificate | None = None,
    on_ready: OnReady | None = None,
    until_closed: TextIO | None = None,
) -> None:
    """Load ``persons`` and answer at ``host:port`` (0: any free port) until interrupted.

    ``token`` None makes a new one; ``book`` is the file that remembers what was received (None: memory alone);
    ``faults`` a file of what goes wrong, ``certificate`` makes it https.
    ``on_ready(url, token)`` is called once requests are taken; without it both are written to stderr. When
    ``until_closed`` reaches its end (the parent died), the server stops. Raises :class:`SimulatorError` where the
    persons cannot be loaded, the address is taken or the faults cannot be read.
    """
    key = token or secrets.token_urlsafe(32)
    planned = read_faults(faults) if faults else None
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
        app: ASGIApp = create_app(register, key)
        server = uvicorn.Server(_config(Misconduct(app, register, planned) if planned else app, certificate))
        if until_closed is not None:
            threading.Thread(target=_stop_at_end, args=(until_closed, server), daemon=True).start()
        scheme = "https" if certificate else "http"
        (on_ready or _announce)(f"{scheme}://{host}:{listener.getsockname()[1]}", key)
        server.run(sockets=[listener])


def _config(app: ASGIApp, certificate: Certificate | None) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="critical" if isinstance(app, Misconduct) else "warning",
        timeout_graceful_shutdown=1 if isinstance(app, Misconduct) else 10,
        ssl_certfile=str(certificate.chain) if certificate else None,
        ssl_keyfile=str(certificate.key) if certificate else None,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise SimulatorError(
            f"The certificate cannot be used ({type(error).__name__}); give a PEM chain and its key."
        ) from None
    return config


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # By its protocol asyncio knows that it may send at once: otherwise the end of each answer waits for 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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
