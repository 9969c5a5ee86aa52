"""The register's statistics by day: asked of it or read from a file, believed only in the contract's form.

Belongs here: getting and parsing ``GET /v1/statistics``. What they are compared with is :mod:`reconciliation`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import requests

from orchestration.population.client import require_private
from orchestration.population.errors import RegisterRefused, RegisterUnavailable, StatisticsInvalid

_TIMEOUT = (5.0, 60.0)
_LARGEST_BYTES = 8_000_000
"""A day takes about 120 bytes: room for more than a century."""
_LARGEST_COUNT = 1 << 53
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class DayTotals:
    """What one side counted on a day of Vietnam's time: batches, those that came again, rows, kinds of answers."""

    batches: int = 0
    repeats: int = 0
    rows: int = 0
    refused: int = 0
    found: int = 0
    several: int = 0


MEASURES = tuple(field.name for field in fields(DayTotals))
Statistics = dict[date, DayTotals]


def fetch(url: str, token: str, authorities: Path | None = None) -> Statistics:
    """Ask the register for all days. The address must be https, or http on this very machine."""
    require_private(url)
    try:
        with requests.Session() as session:
            session.trust_env = False
            if authorities is not None:
                session.verify = str(authorities)
            session.headers["Authorization"] = f"Bearer {token}"
            with session.get(
                url.rstrip("/") + "/v1/statistics", timeout=_TIMEOUT, allow_redirects=False, stream=True
            ) as response:
                _require_ok(response.status_code)
                return parse(_limited(response))
    except requests.RequestException as error:
        raise RegisterUnavailable(
            f"The register cannot be asked for its statistics ({type(error).__name__}); see that it runs, "
            "or give them as a file with --statistics."
        ) from None


def read(path: Path) -> Statistics:
    """Statistics from a file that holds the register's answer."""
    try:
        with path.open("rb") as stream:
            return parse(stream.read(_LARGEST_BYTES + 1))
    except OSError as error:
        raise StatisticsInvalid(
            f"The statistics file cannot be read ({type(error).__name__}); give --statistics a readable JSON file."
        ) from None


def parse(content: bytes) -> Statistics:
    """The days of an answer; raises :class:`StatisticsInvalid`, which repeats nothing of what was found."""
    if len(content) > _LARGEST_BYTES:
        raise _invalid(f"they are longer than {_LARGEST_BYTES} bytes")
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        raise _invalid("they are not JSON") from None
    days = told.get("days") if isinstance(told, dict) else None
    if not isinstance(days, list):
        raise _invalid("they hold no list of days")
    found: Statistics = {}
    for ordinal, entry in enumerate(days, 1):
        day, totals = _entry(entry, ordinal)
        if day in found:
            raise _invalid(f"entry {ordinal} tells a day again")
        found[day] = totals
    return found


def _entry(entry: Any, ordinal: int) -> tuple[date, DayTotals]:
    if not isinstance(entry, dict) or set(entry) != {"day", *MEASURES}:
        raise _invalid(f"entry {ordinal} has not exactly day, {', '.join(MEASURES)}")
    counts = [entry[name] for name in MEASURES]
    if not all(type(count) is int and 0 <= count < _LARGEST_COUNT for count in counts):
        raise _invalid(f"entry {ordinal} holds other than whole numbers from 0")
    totals = DayTotals(*counts)
    if totals.refused + totals.found + totals.several > totals.rows or (totals.rows and not totals.batches):
        raise _invalid(f"entry {ordinal} counts more answers than rows, or rows without a batch")
    day = entry["day"]
    try:
        return date.fromisoformat(day if _DAY.fullmatch(day) else ""), totals
    except (TypeError, ValueError):
        raise _invalid(f"the day of entry {ordinal} is not like 2022-04-08") from None


def _require_ok(status: int) -> None:
    if status == requests.codes.ok:
        return
    if status in (requests.codes.unauthorized, requests.codes.forbidden):
        raise RegisterRefused(
            f"The register does not admit us (status {status}); see that TIEMCHUNG_REGISTER_TOKEN is valid."
        )
    if status >= requests.codes.internal_server_error or status == requests.codes.too_many_requests:
        raise RegisterUnavailable(f"The register is busy (status {status}); try again later.")
    raise RegisterRefused(
        f"The register gives no statistics (status {status}); see that its address is right."
    )


def _limited(response: requests.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_content(1 << 16):
        content += chunk
        if len(content) > _LARGEST_BYTES:
            break
    return bytes(content)


def _invalid(problem: str) -> StatisticsInvalid:
    return StatisticsInvalid(
        f"The register's statistics are not as its contract says: {problem}. Ask its operator for the answer of "
        "GET /v1/statistics as it is."
    )
