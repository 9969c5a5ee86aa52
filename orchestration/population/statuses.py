"""What a response, or a connection without one, means for the exchange: which error of ours it becomes.

Belongs here: statuses, the contract's error bodies, Retry-After. What is done about an error is :mod:`transfer`'s.
"""

from __future__ import annotations

import json
import re
import ssl
from typing import Any

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from orchestration.population.errors import (
    BatchRefused,
    RegisterError,
    RegisterRefused,
    RegisterUnavailable,
)
from orchestration.population.remedies import BATCH_REMEDIES

_CODE = re.compile("[A-Z_]{1,64}")
_SECONDS = re.compile(r"\s*([0-9]{1,9})\s*")
_LARGEST_ERROR = 1 << 16
_OF_ONE_BATCH = frozenset(
    {"BODY_NOT_GZIP", "BODY_NOT_NDJSON", "KEY_MISMATCH", "ROW_REF_INVALID", "TOO_LARGE", "TOO_MANY_ROWS"}
)
"""Every refusal with another code concerns us and ends the exchange."""
_PASSING = frozenset({408, 425, 429})
"""Beside all from 500 on: what another sending may mend."""


def refusal(response: requests.Response, batch_id: str) -> RegisterError:
    """What a status other than 200 and 202 to a batch, or to the asking for its answer, means."""
    code = _code(response)
    if code in _OF_ONE_BATCH:
        return BatchRefused(batch_id, code, BATCH_REMEDIES[code].en)
    if code == "BATCH_UNKNOWN":
        return unavailable(code)
    return _refused(response, code)


def refused(response: requests.Response) -> RegisterError:
    """What such a status means where no batch was sent."""
    return _refused(response, _code(response))


def lost(error: Exception) -> RegisterError:
    """What a request that came to no response, or to half of one, means."""
    if _distrusts(error):
        return RegisterRefused(
            "The register's certificate is not one that this installation trusts; see TIEMCHUNG_REGISTER_CA, and that "
            "nobody stands between us and the register.",
            "CERTIFICATE_UNTRUSTED",
        )
    if isinstance(error, requests.ConnectTimeout):
        return unavailable("CONNECT_TIMEOUT")
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return unavailable("READ_TIMEOUT")
    return unavailable("ANSWER_CUT_OFF" if isinstance(error, HTTPError) else "CONNECTION_LOST")


def unavailable(code: str, wait: float | None = None) -> RegisterUnavailable:
    """The error for a register that is down, busy or was cut off."""
    return RegisterUnavailable(
        f"The population register cannot be reached or is busy ({code}). See that it runs; then run again: "
        "what was not answered goes out once more with the same key, nothing is asked twice.",
        code,
        wait,
    )


def retry_after(response: requests.Response) -> float | None:
    """Seconds the register asks us to wait; None where it says nothing that is a number of seconds (its contract)."""
    found = _SECONDS.fullmatch(response.headers.get("Retry-After", ""))
    return float(found[1]) if found else None


def _refused(response: requests.Response, code: str) -> RegisterError:
    status = response.status_code
    if status >= requests.codes.internal_server_error or status in _PASSING:
        return unavailable(f"STATUS_{status}", retry_after(response))
    told = f"STATUS_{status}" if code == "NO_CODE" else code
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        return RegisterRefused(
            f"The register does not admit us (status {status}, {code}); see that TIEMCHUNG_REGISTER_TOKEN is valid.",
            told,
        )
    return RegisterRefused(
        f"The register refused the request as such (status {status}, {code}); "
        "see that its address is right and that it speaks our contract.",
        told,
    )


def _code(response: requests.Response) -> str:
    """The error body's code; what it says besides is not repeated, for it may quote what was sent."""
    try:
        body: Any = json.loads(response.raw.read(_LARGEST_ERROR, decode_content=True))
        code = str(body["code"])
    except (ValueError, KeyError, TypeError, RecursionError, HTTPError, OSError):
        return "NO_CODE"
    return code if _CODE.fullmatch(code) else "NO_CODE"


def _distrusts(error: BaseException | None) -> bool:
    """Whether a certificate that did not verify stands somewhere in what this error was made of."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False
