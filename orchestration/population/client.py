"""The HTTP client of the register: one session a thread, explicit timeouts, answers kept byte for byte.

Belongs here: requests, headers and what a status means. Each call is one request (and the asking for an answer that
comes later); when to send again is :mod:`persistence`, which batch :mod:`transfer`; the promise itself is
``contract/openapi.yaml``.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from orchestration.population.caller import Caller
from orchestration.population.errors import (
    AnswerFaulty,
    CallerInvalid,
    RegisterRefused,
)
from orchestration.population.files import CHUNK, make_durable, partial
from orchestration.population.ledger import Limits
from orchestration.population.pace import Rates
from orchestration.population.persistence import Patience
from orchestration.population.statuses import lost, refusal, refused, retry_after, unavailable

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_BATCHES = "/v1/verifications"


@dataclass(frozen=True)
class Announcement:
    """What the register says it takes: the size of a batch, batches at once, and how fast."""

    limits: Limits
    batches_at_once: int | None
    rates: Rates

    @classmethod
    def parsed(cls, told: Any) -> Announcement:
        """The contract's ``Limits``; raises :class:`RegisterRefused` for anything else."""
        if not isinstance(told, dict):
            raise _unreadable()
        rows, size = _whole(told.get("rows")), _whole(told.get("bytes"))
        if rows is None or size is None:
            raise _unreadable()
        a_day = _whole(told.get("rows_per_day"))
        return cls(
            Limits(min(rows, a_day or rows), size),
            _whole(told.get("batches_at_once")),
            Rates(_whole(told.get("rows_per_second")), a_day),
        )


class RegisterClient:
    """``with RegisterClient(url, token, caller) as client``. Threads may share it: each gets a session of its own.

    ``authorities`` is a PEM file of the certificate authorities to trust instead of the usual ones. Raises
    :class:`CallerInvalid` for an address that is neither https nor loopback: the token and personal data do not
    travel in the clear.
    """

    def __init__(
        self,
        url: str,
        token: str,
        caller: Caller,
        patience: Patience | None = None,
        *,
        authorities: Path | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        require_private(url)
        self.caller = caller
        self.patience = patience or Patience()
        self.sleep, self.monotonic = sleep, monotonic
        self._url = url.rstrip("/")
        self._token, self._authorities = token, authorities
        self._own = threading.local()
        self._sessions: list[requests.Session] = []

    def __enter__(self) -> RegisterClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions:
            session.close()

    def greet(self) -> Announcement:
        """What the register takes, as it announces it; raises as :meth:`verify` does."""
        with self._asked("GET", "/v1/limits", {}, None) as response:
            if response.status_code != requests.codes.ok:
                raise refused(response)
            try:
                return Announcement.parsed(response.json())
            except requests.JSONDecodeError:
                raise _unreadable() from None

    def verify(self, batch_id: str, body: Path, request_id: str, target: Path, byte_limit: int) -> None:
        """Send one batch and keep the answer, as received and durable, at ``target``; at most ``byte_limit`` bytes.

        Raises :class:`BatchRefused`, :class:`RegisterRefused`, :class:`RegisterUnavailable`, and
        :class:`AnswerFaulty` where the answer does not say that it is the one to this batch.
        """
        about = {
            "Accept": "application/x-ndjson",
            "Accept-Encoding": "gzip",
            "X-MaYeuCau": request_id,
            "X-MaDVC": self.caller.agency,
            "X-MaDonVi": self.caller.unit,
            "X-MaCanBo": self.caller.officer,
            "X-MucDich": self.caller.purpose,
        }
        packed = {
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Idempotency-Key": batch_id,
        }
        answer = _Awaited(
            batch_id, target, byte_limit, self.monotonic() + self.patience.whole, self.monotonic
        )
        with self._asked("POST", _BATCHES, about | packed, body.read_bytes()) as response:
            pause = self._taken(response, answer)
        while pause is not None:
            self.sleep(pause)
            with self._asked("GET", f"{_BATCHES}/{batch_id}", about, None) as response:
                pause = self._taken(response, answer)

    def _taken(self, response: requests.Response, answer: _Awaited) -> float | None:
        """Keep the answer; or the seconds until it should be asked for, where it comes later."""
        if response.status_code == requests.codes.accepted:
            pause = max(self.patience.poll, retry_after(response) or 0.0)
            if self.monotonic() + pause > answer.deadline:
                raise unavailable("NOT_READY")
            return pause
        if response.status_code != requests.codes.ok:
            raise refusal(response, answer.batch_id)
        if response.headers.get("Idempotency-Key") != answer.batch_id:
            raise AnswerFaulty(answer.batch_id, ["it names another batch, or none"])
        if response.headers.get("Content-Encoding") != "gzip":
            raise AnswerFaulty(answer.batch_id, ["it is not compressed with gzip"])
        answer.keep(response)
        return None

    def _session(self) -> requests.Session:
        """This thread's session; a session's pool and cookies aren't made for several threads."""
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = requests.Session()
            session.trust_env = False
            session.headers["Authorization"] = f"Bearer {self._token}"
            if self._authorities is not None:
                session.verify = str(self._authorities)
            self._sessions.append(session)
        return session

    def _asked(
        self, method: str, path: str, headers: Mapping[str, str], data: bytes | None
    ) -> requests.Response:
        try:
            return self._session().request(
                method,
                self._url + path,
                headers=dict(headers),
                data=data,
                timeout=(self.patience.connect, self.patience.read),
                allow_redirects=False,
                stream=True,
            )
        except (requests.RequestException, OSError) as error:
            raise lost(error) from None


@dataclass(frozen=True)
class _Awaited:
    """An answer on its way: where it is kept, and what it may take."""

    batch_id: str
    target: Path
    byte_limit: int
    deadline: float
    monotonic: Callable[[], float]

    def keep(self, response: requests.Response) -> None:
        """Write the answer's bytes as they come, still compressed, and make them durable."""
        draft = partial(self.target)
        try:
            with draft.open("wb") as stream:
                for chunk in self._chunks(response):
                    stream.write(chunk)
            make_durable(self.target)
        except urllib3.exceptions.HTTPError as error:
            raise lost(error) from None
        finally:
            draft.unlink(missing_ok=True)

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        size = 0
        while chunk := response.raw.read1(CHUNK, decode_content=False):
            size += len(chunk)
            if size > self.byte_limit:
                raise AnswerFaulty(self.batch_id, [f"it is longer than {self.byte_limit} bytes"])
            if self.monotonic() > self.deadline:
                raise unavailable("ANSWER_ENDLESS")
            yield chunk


_LARGEST = 1 << 62


def _whole(told: Any) -> int | None:
    """A whole number from 1, or None where it was not told; raises :class:`RegisterRefused` for anything else."""
    if told is None:
        return None
    if type(told) is not int or not 1 <= told < _LARGEST:
        raise _unreadable()
    return told


def _unreadable() -> RegisterRefused:
    return RegisterRefused(
        "The register's limits cannot be read, or take nothing; see that its address is right, or ask its operator.",
        "LIMITS_INVALID",
    )


def require_private(url: str) -> None:
    """Raise :class:`CallerInvalid` for an address that is neither https nor on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise CallerInvalid(
            "The register's address should begin with https:// (http:// only on this very machine)."
        )
