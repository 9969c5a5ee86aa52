"""The register's HTTP door: who may come in, what a request must look like, and which error body says why not.

Belongs here: routes, headers, statuses. What is answered is :mod:`register`.
"""

from __future__ import annotations

import functools
import hmac
import re
from collections.abc import Awaitable, Callable
from datetime import date

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orchestration.simulator.errors import Refusal, Refused
from orchestration.simulator.register import Register

_AT_ONCE = 4
"""Batches worked on at the same time; a fifth caller is told to wait."""
_FORMS = {
    "Idempotency-Key": re.compile("[0-9a-f]{64}"),
    "X-MaYeuCau": re.compile("[0-9A-Za-z]{40}"),
    "X-MaDVC": re.compile("[0-9A-Za-z._-]{1,64}"),
    "X-MaDonVi": re.compile("[0-9A-Za-z._-]{1,64}"),
    "X-MaCanBo": re.compile("[0-9A-Za-z._-]{1,64}"),
    "X-MucDich": re.compile("[0-9A-Za-z._-]{1,64}"),
}

Handler = Callable[[Request], Awaitable[Response]]


class Door:
    """The handlers of one register. Holds the caller's token and how many batches are being worked on."""

    def __init__(self, register: Register, token: str) -> None:
        self._register = register
        self._token = token.encode()
        self._working = 0

    async def verifications(self, request: Request) -> Response:
        """Answer one batch, or refuse it."""
        self._admit(request)
        headers = _headers(request)
        if self._working >= _AT_ONCE:
            raise Refused(Refusal.TOO_MANY_REQUESTS)
        self._working += 1
        try:
            body = await _read(request, self._register.limits.bytes)
            verify = functools.partial(
                self._register.verify,
                body,
                key=headers["Idempotency-Key"],
                officer=headers["X-MaCanBo"],
                purpose=headers["X-MucDich"],
            )
            content, entry = await run_in_threadpool(verify)
        finally:
            self._working -= 1
        return Response(
            content,
            media_type="application/x-ndjson",
            headers={
                "Content-Encoding": "gzip",
                "Idempotency-Key": entry.key,
                "X-MaYeuCau": headers["X-MaYeuCau"],
                "X-Rows": str(entry.tally.rows),
            },
        )

    async def limits(self, request: Request) -> Response:
        """Announce what one request may hold."""
        self._admit(request)
        return JSONResponse({"rows": self._register.limits.rows, "bytes": self._register.limits.bytes})

    async def statistics(self, request: Request) -> Response:
        """The book's totals by day of Vietnam's time."""
        self._admit(request)
        text = request.query_params.get("day")
        try:
            day = date.fromisoformat(text) if text is not None else None
        except ValueError:
            raise Refused(Refusal.PARAMETER_INVALID) from None
        return JSONResponse({"days": self._register.book.by_day(day)})

    async def health(self, request: Request) -> Response:  # noqa: ARG002 (the router's signature)
        """Say that the register answers; needs no token."""
        return JSONResponse({"status": "ok"})

    def _admit(self, request: Request) -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not hmac.compare_digest(token.encode(), self._token):
            raise Refused(Refusal.UNAUTHENTICATED)


def create_app(register: Register, token: str) -> Starlette:
    """The application for one loaded register and one caller's bearer token."""
    door = Door(register, token)
    return Starlette(
        routes=[
            Route("/v1/verifications", door.verifications, methods=["POST"]),
            Route("/v1/limits", door.limits),
            Route("/v1/statistics", door.statistics),
            Route("/v1/health", door.health),
        ],
        exception_handlers={
            Refused: _refused,
            404: _unrouted(Refusal.NOT_FOUND),
            405: _unrouted(Refusal.METHOD_NOT_ALLOWED),
            500: _unrouted(Refusal.INTERNAL),
        },
    )


def _headers(request: Request) -> dict[str, str]:
    media = request.headers.get("Content-Type", "").partition(";")[0].strip()
    if media != "application/x-ndjson" or request.headers.get("Content-Encoding") != "gzip":
        raise Refused(Refusal.MEDIA_TYPE)
    headers = {name: request.headers.get(name, "") for name in _FORMS}
    if not all(form.fullmatch(headers[name]) for name, form in _FORMS.items()):
        raise Refused(Refusal.HEADER_INVALID)
    return headers


async def _read(request: Request, byte_limit: int) -> bytes:
    """The compressed body; it may not be larger than what it is allowed to hold uncompressed."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > byte_limit:
            raise Refused(Refusal.TOO_LARGE)
    return bytes(body)


async def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001 (the framework's signature)
    return _error(error.refusal if isinstance(error, Refused) else Refusal.INTERNAL)


def _unrouted(refusal: Refusal) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def respond(request: Request, error: Exception) -> Response:  # noqa: ARG001 (the framework's signature)
        allowed = error.headers if isinstance(error, HTTPException) else None
        return _error(refusal, allowed)

    return respond


def _error(refusal: Refusal, headers: object = None) -> Response:
    extra = dict(headers) if isinstance(headers, dict) else {}
    if refusal is Refusal.TOO_MANY_REQUESTS:
        extra["Retry-After"] = "1"
    if refusal is Refusal.UNAUTHENTICATED:
        extra["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        {"code": refusal.name, "message": refusal.sentence}, status_code=refusal.status, headers=extra
    )
