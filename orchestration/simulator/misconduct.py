"""The register misbehaving as its faults say: a layer around the honest application.

Belongs here: what a caller then sees. The book stays true: a batch is counted exactly when the honest application
answered it, whether or not the answer reached the caller. Which fault falls when is :mod:`faults`.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from orchestration.simulator.app import error_response
from orchestration.simulator.errors import Refusal, Refused
from orchestration.simulator.faults import Fault, Faults, Kind
from orchestration.simulator.register import Register

_PATH = "/v1/verifications"
_CORRECT = "update persons set born = born + 1 where born % 100 between 1 and 27 and number % 100 < $percent"
_PAGE = b"<html><body><h1>Bad gateway</h1></body></html>"


@dataclass(frozen=True)
class _Kept:
    """An answer that may be fetched: when and after how many polls (None: never), and what waits until then."""

    answer: tuple[int, dict[str, str], bytes] | None
    ready_at: float
    polls: int
    retry_after: int


@dataclass
class Misconduct:
    """An ASGI application; ``monotonic`` is that of :mod:`time`."""

    app: ASGIApp
    register: Register
    faults: Faults
    monotonic: Callable[[], float] = time.monotonic
    _kept: dict[str, _Kept] = field(default_factory=dict)
    _expired: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, well or badly."""
        if scope["type"] != "http" or not scope["path"].startswith(_PATH):
            await self.app(scope, receive, send)
            return
        fault = self.faults.next()
        if fault is not None and fault.kind is Kind.EXPIRED_CREDENTIAL:
            self._expired = fault["times"]
        if self._expired > 0:
            self._expired -= 1
            await error_response(Refused(Refusal.CREDENTIAL_EXPIRED))(scope, receive, send)
            return
        key = scope["path"].removeprefix(_PATH).removeprefix("/")
        if scope["method"] == "GET" and key in self._kept:
            await self._fetched(key, scope, receive, send)
        elif fault is None or (scope["method"] != "POST" and fault.kind not in _BEFORE):
            await self.app(scope, receive, send)
        else:
            await self._misbehave(fault, scope, receive, send)

    async def _misbehave(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.kind is Kind.DISCONNECT_BEFORE:
            await _cut(send)
        elif fault.kind in _BEFORE:
            await _refusal(fault)(scope, receive, send)
        elif fault.kind in _CHANGES:
            self._change(fault)
            await self.app(scope, receive, send)
        else:
            status, headers, content = await _heard(self.app, _unzstd(scope), receive)
            if status != HTTPStatus.OK:
                await Response(content, status, headers)(scope, receive, send)
            elif fault.kind in _HELD:
                await self._hold(fault, (status, headers, content), scope, receive, send)
            else:
                await _spoilt(fault, headers, content, scope, receive, send)

    def _change(self, fault: Fault) -> None:
        if fault.kind is Kind.FORGET_BOOK:
            self.register.book.forget()
            self._kept.clear()
        elif fault.kind is Kind.SHRINKING_LIMITS:
            size = fault["bytes"] if fault["bytes"] > 0 else self.register.limits.bytes
            self.register.limits = replace(self.register.limits, rows=max(1, fault["rows"]), bytes=size)
        else:
            with self.register.connection.cursor() as cursor:
                cursor.execute(_CORRECT, {"percent": fault["percent"]})

    async def _hold(
        self,
        fault: Fault,
        answer: tuple[int, dict[str, str], bytes],
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        key = answer[1]["idempotency-key"]
        if fault.kind is Kind.LATER:
            ready_at = self.monotonic() + fault["seconds"]
            self._kept[key] = _Kept(answer, ready_at, fault["polls"], fault["retry_after"])
        elif fault.kind is Kind.NEVER:
            self._kept[key] = _Kept(None, 0.0, 0, fault["retry_after"])
        else:
            self._kept.pop(key, None)
        await _accepted(key, fault["retry_after"])(scope, receive, send)

    async def _fetched(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        """What the honest application would refuse is refused; else the answer, once it is ready."""
        status, headers, content = await _heard(self.app, scope, receive)
        if status != HTTPStatus.NOT_FOUND:
            await Response(content, status, headers)(scope, receive, send)
            return
        kept = self._kept[key]
        if kept.answer is None or kept.polls > 0 or self.monotonic() < kept.ready_at:
            self._kept[key] = replace(kept, polls=max(0, kept.polls - 1))
            await _accepted(key, kept.retry_after)(scope, receive, send)
            return
        status, headers, content = kept.answer
        asked = dict(scope["headers"])
        told = headers | {"x-mayeucau": asked[b"x-mayeucau"].decode("latin-1")}
        await Response(content, status, told)(scope, receive, send)


_BEFORE = frozenset({Kind.TOO_MANY_REQUESTS, Kind.SERVER_ERROR, Kind.DISCONNECT_BEFORE})
_CHANGES = frozenset({Kind.FORGET_BOOK, Kind.SHRINKING_LIMITS, Kind.CORRECTED_PERSON})
_HELD = frozenset({Kind.LATER, Kind.NEVER, Kind.FORGET})


def _refusal(fault: Fault) -> Response:
    if fault.kind is Kind.TOO_MANY_REQUESTS:
        return error_response(Refused(Refusal.TOO_MANY_REQUESTS, fault["retry_after"]))
    wait = {"Retry-After": str(fault["retry_after"])} if fault["retry_after"] >= 0 else {}
    if fault["body"] == "html":
        return Response(_PAGE, fault["status"], wait, "text/html")
    if fault["body"] == "none":
        return Response(b"", fault["status"], wait)
    refusal = Refusal.INTERNAL if fault["status"] == HTTPStatus.INTERNAL_SERVER_ERROR else Refusal.UNAVAILABLE
    told = error_response(Refused(refusal), wait)
    told.status_code = fault["status"]
    return told


def _accepted(key: str, retry_after: int) -> Response:
    headers = {"Idempotency-Key": key, "Location": f"{_PATH}/{key}", "Retry-After": str(retry_after)}
    return Response(b"", HTTPStatus.ACCEPTED, headers)


async def _heard(app: ASGIApp, scope: Scope, receive: Receive) -> tuple[int, dict[str, str], bytes]:
    """What the honest application answers."""
    start: dict[str, Any] = {}
    body = bytearray()

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body.extend(message.get("body", b""))

    await app(scope, receive, collect)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    headers.pop("content-length", None)
    return start["status"], headers, bytes(body)


def _unzstd(scope: Scope) -> Scope:
    """The same request without a word on packing: what is altered or held is gzip."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}


async def _spoilt(
    fault: Fault, headers: dict[str, str], content: bytes, scope: Scope, receive: Receive, send: Send
) -> None:
    """A right answer, given badly."""
    kind = fault.kind
    if kind is Kind.DISCONNECT_AFTER:
        await _cut(send)
    elif kind is Kind.DISCONNECT_WITHIN:
        await _begin(send, headers | {"content-length": str(len(content))})
        await send({"type": "http.response.body", "body": content[: len(content) // 2], "more_body": True})
        await asyncio.sleep(0)
        await _cut(send)
    elif kind is Kind.TRICKLE:
        await _begin(send, headers)
        while not _is_gone(send):
            await send({"type": "http.response.body", "body": content[:1], "more_body": True})
            await asyncio.sleep(fault["seconds"])
    else:
        if kind is Kind.SLOW:
            await asyncio.sleep(fault["seconds"])
        if kind is Kind.WRONG_KEY:
            headers = headers | {"idempotency-key": headers["idempotency-key"][::-1]}
        await Response(_altered(fault, content), HTTPStatus.OK, headers)(scope, receive, send)


def _altered(fault: Fault, content: bytes) -> bytes:
    if fault.kind is Kind.TRUNCATED:
        return content[: max(1, len(content) - max(1, fault["bytes"]))]
    if fault.kind is Kind.CORRUPT:
        middle = len(content) // 2
        return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]
    if fault.kind is Kind.GARBAGE:
        return gzip.compress(b"\x00not json\xff\n", mtime=0)
    if fault.kind not in _ROWS:
        return content
    lines = gzip.decompress(content).splitlines(keepends=True)
    return gzip.compress(b"".join(_ROWS[fault.kind](lines)), 1, mtime=0)


def _shuffled(lines: list[bytes]) -> list[bytes]:
    return random.Random(len(lines)).sample(lines, len(lines))  # noqa: S311


def _renamed(line: bytes) -> bytes:
    head, _, rest = line.partition(b'"row_ref":"')
    return head + b'"row_ref":"x' + rest


_ROWS: dict[Kind, Callable[[list[bytes]], list[bytes]]] = {
    Kind.WRONG_REFERENCE: lambda lines: [_renamed(lines[0]), *lines[1:]],
    Kind.DUPLICATED_ROW: lambda lines: [*lines, lines[0]],
    Kind.MISSING_ROW: lambda lines: lines[1:],
    Kind.EXTRA_ROW: lambda lines: [*lines, _renamed(lines[0])],
    Kind.REORDERED: _shuffled,
}


async def _begin(send: Send, headers: dict[str, str]) -> None:
    told = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": int(HTTPStatus.OK), "headers": told})


async def _cut(send: Send) -> None:
    """Drop the connection. ASGI has no word for it, so the server's own request cycle is asked for its socket."""
    cycle: Any = getattr(send, "__self__", None)
    cycle.transport.abort()
    while not cycle.disconnected:
        await asyncio.sleep(0)


def _is_gone(send: Send) -> bool:
    cycle: Any = getattr(send, "__self__", None)
    return bool(cycle.disconnected)
