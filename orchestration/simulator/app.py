"""The register's HTTP door: who may come in, what a request must look like, and which error body says why not.

Belongs here: routes, headers, statuses. What is answered is :mod:`register`.
"""

from __future__ import annotations

import functools
import hmac
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from orchestration.simulator.body import Packing
from orchestration.simulator.errors import Refusal, Refused
from orchestration.simulator.register import Register

_UNAUTHORIZED = 401
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

_ABOUT_THE_CALLER = {name: form for name, form in _FORMS.items() if name != "Idempotency-Key"}

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
        headers = _headers(request, _FORMS)
        packing = _packing(request)
        if self._working >= (self._register.limits.batches_at_once or _AT_ONCE):
            raise Refused(Refusal.TOO_MANY_REQUESTS)
        answer_packing = _wanted(request)
        self._working += 1
        try:
            body = await _read(request, self._register.limits_for(headers["Idempotency-Key"]).bytes)
            verify = functools.partial(
                self._register.verify,
                body,
                packing,
                answer_packing,
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
                "Content-Encoding": answer_packing.value,
                "Idempotency-Key": entry.key,
                "X-MaYeuCau": headers["X-MaYeuCau"],
                "X-Rows": str(entry.tally.rows),
            },
        )

    async def answer(self, request: Request) -> Response:
        """Every batch is answered at once, so no answer is ever kept to be fetched."""
        self._admit(request)
        _headers(request, _ABOUT_THE_CALLER)
        if not _FORMS["Idempotency-Key"].fullmatch(request.path_params["key"]):
            raise Refused(Refusal.PARAMETER_INVALID)
        raise Refused(Refusal.BATCH_UNKNOWN)

    async def limits(self, request: Request) -> Response:
        """Announce what one request may hold."""
        self._admit(request)
        return JSONResponse(self._register.limits.announced())

    async def statistics(self, request: Request) -> Response:
        """The book's totals by day of Vietnam's time."""
        self._admit(request)
        told = request.query_params.multi_items()
        if [name for name, _ in told] not in ([], ["day"]):
            raise Refused(Refusal.PARAMETER_INVALID)
        try:
            day = date.fromisoformat(told[0][1]) if told else None
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
            Route("/v1/verifications/{key}", door.answer),
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


def _headers(request: Request, forms: Mapping[str, re.Pattern[str]]) -> dict[str, str]:
    headers = {name: request.headers.get(name, "") for name in forms}
    if not all(form.fullmatch(headers[name]) for name, form in forms.items()):
        raise Refused(Refusal.HEADER_INVALID)
    return headers


def _packing(request: Request) -> Packing:
    media = request.headers.get("Content-Type", "").partition(";")[0].strip()
    if media != "application/x-ndjson":
        raise Refused(Refusal.MEDIA_TYPE)
    try:
        return Packing(request.headers.get("Content-Encoding", ""))
    except ValueError:
        raise Refused(Refusal.MEDIA_TYPE) from None


def _wanted(request: Request) -> Packing:
    """zstd where the caller names it, gzip otherwise."""
    codings = request.headers.get("Accept-Encoding", "").split(",")
    named = {coding.partition(";")[0].strip() for coding in codings}
    return Packing.ZSTD if Packing.ZSTD in named else Packing.GZIP


async def _read(request: Request, byte_limit: int) -> bytes:
    """The compressed body; it may not be larger than what it is allowed to hold uncompressed."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > byte_limit:
            raise Refused(Refusal.TOO_LARGE)
    return bytes(body)


async def _refused(request: Request, error: Exception) -> Response:  # noqa: ARG001 (the framework's signature)
    return error_response(error) if isinstance(error, Refused) else error_response(Refused(Refusal.INTERNAL))


def _unrouted(refusal: Refusal) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def respond(request: Request, error: Exception) -> Response:  # noqa: ARG001 (the framework's signature)
        allowed = error.headers if isinstance(error, HTTPException) else None
        return error_response(Refused(refusal), allowed)

    return respond


def error_response(refused: Refused, headers: object = None) -> Response:
    """The contract's error body for a refusal."""
    extra = dict(headers) if isinstance(headers, dict) else {}
    refusal = refused.refusal
    if refusal is Refusal.TOO_MANY_REQUESTS:
        extra["Retry-After"] = str(refused.retry_after)
    if refusal.status == _UNAUTHORIZED:
        extra["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        {"code": refusal.name, "message": refusal.sentence}, status_code=refusal.status, headers=extra
    )
