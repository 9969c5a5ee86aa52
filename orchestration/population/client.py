"""The HTTP client of the register: one session, explicit timeouts, bounded retries, answers kept byte for byte.

Belongs here: requests, headers and what a status means. Which batch is sent when is :mod:`transfer`; the promise
itself is ``contract/openapi.yaml``.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from orchestration.population.caller import Caller
from orchestration.population.errors import (
    AnswerFaulty,
    BatchRefused,
    CallerInvalid,
    RegisterRefused,
    RegisterUnavailable,
)
from orchestration.population.files import CHUNK, make_durable, partial
from orchestration.population.ledger import Limits
from orchestration.population.remedies import BATCH_REMEDIES

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PASSING = (429, 502, 503, 504)
_CODE = re.compile("[A-Z_]{1,64}")
_OF_ONE_BATCH = frozenset(
    {"BODY_NOT_GZIP", "BODY_NOT_NDJSON", "KEY_MISMATCH", "ROW_REF_INVALID", "TOO_LARGE", "TOO_MANY_ROWS"}
)
"""Every refusal with another code concerns us and ends the exchange."""


@dataclass(frozen=True)
class Patience:
    """How long the register is waited for. Times in seconds; ``attempts_more`` are retries of one request."""

    connect: float = 5.0
    read: float = 300.0
    attempts_more: int = 3
    backoff: float = 0.5
    jitter: float = 0.5
    longest_backoff: float = 30.0
    longest_retry_after: int = 120


class RegisterClient:
    """``with RegisterClient(url, token, caller) as client``. Threads may share it: each gets a session of its own.

    Raises :class:`CallerInvalid` for an address that is neither https nor loopback: the token and personal data
    do not travel in the clear.
    """

    def __init__(self, url: str, token: str, caller: Caller, patience: Patience | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise CallerInvalid(
                "The register's address should begin with https:// (http:// only on this very machine)."
            )
        self.caller = caller
        self._url = url.rstrip("/")
        self._patience = patience or Patience()
        self._token = token
        self._own = threading.local()
        self._sessions: list[requests.Session] = []

    def __enter__(self) -> RegisterClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions:
            session.close()

    def limits(self) -> Limits:
        """What one request may hold, as the register announces it."""
        with self._asked("GET", "/v1/limits", {}, None) as response:
            if response.status_code != requests.codes.ok:
                raise _refused(response)
            try:
                announced = response.json()
                limits = Limits(rows=int(announced["rows"]), bytes=int(announced["bytes"]))
            except (ValueError, KeyError, TypeError):
                raise RegisterRefused(
                    "The register's limits cannot be read; see that its address is right."
                ) from None
        if limits.rows < 1 or limits.bytes < 1:
            raise RegisterRefused("The register announces that it takes nothing; ask its operator.")
        return limits

    def verify(self, batch_id: str, body: Path, request_id: str, target: Path) -> None:
        """Send one batch and keep the answer, as received and durable, at ``target``.

        Raises :class:`BatchRefused`, :class:`RegisterRefused`, :class:`RegisterUnavailable`, and
        :class:`AnswerFaulty` where the answer does not say that it is the one to this batch.
        """
        headers = {
            "Content-Type": "application/x-ndjson",
            "Content-Encoding": "gzip",
            "Accept": "application/x-ndjson",
            "Idempotency-Key": batch_id,
            "X-MaYeuCau": request_id,
            "X-MaDVC": self.caller.agency,
            "X-MaDonVi": self.caller.unit,
            "X-MaCanBo": self.caller.officer,
            "X-MucDich": self.caller.purpose,
        }
        with self._asked("POST", "/v1/verifications", headers, body.read_bytes()) as response:
            if response.status_code != requests.codes.ok:
                raise _refusal(response, batch_id)
            if response.headers.get("Idempotency-Key") != batch_id:
                raise AnswerFaulty(batch_id, ["it names another batch, or none"])
            if response.headers.get("Content-Encoding") != "gzip":
                raise AnswerFaulty(batch_id, ["it is not compressed with gzip"])
            _keep(response, target)

    def _session(self) -> requests.Session:
        """This thread's session; a session's pool and cookies aren't made for several threads."""
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = _session_with(self._patience)
            session.headers["Authorization"] = f"Bearer {self._token}"
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
                timeout=(self._patience.connect, self._patience.read),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            raise _unavailable(type(error).__name__) from error


def _session_with(patience: Patience) -> requests.Session:
    """POST may be repeated: the idempotency key makes the register count it once."""
    retry = Retry(
        total=patience.attempts_more,
        allowed_methods={"GET", "POST"},
        status_forcelist=_PASSING,
        backoff_factor=patience.backoff,
        backoff_jitter=patience.jitter,
        backoff_max=patience.longest_backoff,
        retry_after_max=patience.longest_retry_after,
        raise_on_status=False,
        redirect=0,
    )
    session = requests.Session()
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _keep(response: requests.Response, target: Path) -> None:
    """Write the answer's bytes as they come, still compressed, and make them durable."""
    try:
        with partial(target).open("wb") as stream:
            for chunk in response.raw.stream(CHUNK, decode_content=False):
                stream.write(chunk)
    except urllib3.exceptions.HTTPError as error:
        raise _unavailable(type(error).__name__) from error
    make_durable(target)


def _refusal(response: requests.Response, batch_id: str) -> Exception:
    code = _code(response)
    if code in _OF_ONE_BATCH:
        return BatchRefused(batch_id, code, BATCH_REMEDIES[code].en)
    return _refused(response)


def _refused(response: requests.Response) -> Exception:
    status = response.status_code
    if status >= requests.codes.internal_server_error or status == requests.codes.too_many_requests:
        return _unavailable(f"status {status}")
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        return RegisterRefused(
            f"The register does not admit us (status {status}); see that TIEMCHUNG_REGISTER_TOKEN is valid."
        )
    return RegisterRefused(
        f"The register refused the request as such (status {status}, {_code(response)}); "
        "see that its address is right and that it speaks our contract."
    )


def _code(response: requests.Response) -> str:
    """The error body's code; what it says besides is not repeated, for it may quote what was sent."""
    try:
        body: Any = response.json()
        code = str(body["code"])
    except (ValueError, KeyError, TypeError, requests.RequestException):
        return "NO_CODE"
    return code if _CODE.fullmatch(code) else "NO_CODE"


def _unavailable(reason: str) -> RegisterUnavailable:
    return RegisterUnavailable(
        f"The population register cannot be reached or is busy ({reason}). See that it runs; then run again: "
        "what was not answered goes out once more with the same key, nothing is asked twice."
    )
