"""Faults by configuration: reading the file, and choosing the fault of each request, the same for the same seed.

Belongs here: what can go wrong and when. How it goes wrong is :mod:`misconduct`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import yaml

from orchestration.simulator.errors import SimulatorError

_LARGEST_FILE = 1 << 20
_MOST_FAULTS = 200
_NUMBER, _WHOLE, _TEXT = "a number from 0", "a whole number from 0", "one of"


@dataclass(frozen=True)
class Parameter:
    """What a fault takes: its form, and what holds where it is left out (None: it must be given)."""

    form: str
    default: Any = None
    choices: tuple[Any, ...] = ()


_NOTHING: Mapping[str, Parameter] = {}
_SECONDS = Parameter(_NUMBER, 0.0)
_RETRY_AFTER = Parameter(_WHOLE, 1)


class Kind(Enum):
    """Every fault: its name in the file, what happens, and its parameters."""

    TOO_MANY_REQUESTS = ("429 with Retry-After; nothing is counted", {"retry_after": _RETRY_AFTER})
    SERVER_ERROR = (
        "a status of 500 or above; nothing is counted. `body`: the contract's error, a page of a proxy, or nothing",
        {
            "status": Parameter(_TEXT, 503, (500, 502, 503, 504)),
            "retry_after": Parameter(_WHOLE, -1),
            "body": Parameter(_TEXT, "json", ("json", "html", "none")),
        },
    )
    SLOW = ("the answer begins only after so many seconds", {"seconds": Parameter(_NUMBER)})
    TRICKLE = ("the answer comes byte by byte and never ends", {"seconds": Parameter(_NUMBER, 0.05)})
    DISCONNECT_BEFORE = ("the connection is cut before the body is read; nothing is counted", _NOTHING)
    DISCONNECT_AFTER = ("the batch is counted, and the connection cut before the answer", _NOTHING)
    DISCONNECT_WITHIN = ("the batch is counted, and the connection cut in the middle of the answer", _NOTHING)
    TRUNCATED = ("the answer lacks its last bytes, and its length says so", {"bytes": Parameter(_WHOLE, 10)})
    CORRUPT = ("a byte in the middle of the answer is another", _NOTHING)
    GARBAGE = ("the answer is packed well and is no NDJSON", _NOTHING)
    WRONG_REFERENCE = ("one row of the answer bears the reference of a row that was never asked", _NOTHING)
    DUPLICATED_ROW = ("one row is answered twice", _NOTHING)
    MISSING_ROW = ("one row is not answered", _NOTHING)
    EXTRA_ROW = ("a row is answered that was never asked", _NOTHING)
    REORDERED = ("the rows come in another order, as the contract allows", _NOTHING)
    WRONG_KEY = ("the answer names another batch", _NOTHING)
    LATER = (
        "202; the answer may be fetched after so many seconds and polls",
        {"seconds": _SECONDS, "polls": Parameter(_WHOLE, 0), "retry_after": Parameter(_WHOLE, 0)},
    )
    NEVER = ("202, and 202 for ever", {"retry_after": Parameter(_WHOLE, 0)})
    FORGET = ("202, and 404 when the answer is fetched", {"retry_after": Parameter(_WHOLE, 0)})
    FORGET_BOOK = (
        "the register is restored from an older state: its book and kept answers are gone",
        _NOTHING,
    )
    CORRECTED_PERSON = (
        "from now on, persons whose number ends in so many of a hundred are born a day later",
        {"percent": Parameter(_WHOLE, 1)},
    )
    EXPIRED_CREDENTIAL = ("401 CREDENTIAL_EXPIRED, for so many requests", {"times": Parameter(_WHOLE, 1)})
    SHRINKING_LIMITS = (
        "from now on the register takes less",
        {"rows": Parameter(_WHOLE), "bytes": Parameter(_WHOLE, -1)},
    )

    def __init__(self, meaning: str, parameters: Mapping[str, Parameter]) -> None:
        self.meaning, self.parameters = meaning, parameters

    @property
    def label(self) -> str:
        """Its name in the file."""
        return self.name.lower()


@dataclass(frozen=True)
class Fault:
    """One line of the file: what happens, with which parameters, and when: by chance, or on these requests."""

    kind: Kind
    parameters: Mapping[str, Any]
    chance: float = 0.0
    requests: frozenset[int] = frozenset()

    def __getitem__(self, name: str) -> Any:
        return self.parameters[name]


@dataclass
class Faults:
    """The faults of a file; :meth:`next` gives the fault of the next request to ``/v1/verifications``, or None.

    Requests are counted from 1, sendings and fetchings alike. The first fault of the file that falls wins.
    """

    seed: int = 0
    faults: tuple[Fault, ...] = ()
    _count: int = field(default=0)

    def next(self) -> Fault | None:
        """Count one request."""
        self._count += 1
        for ordinal, fault in enumerate(self.faults):
            chance = random.Random(f"{self.seed}/{self._count}/{ordinal}").random()  # noqa: S311
            if self._count in fault.requests or chance < fault.chance:
                return fault
        return None


def read_faults(path: Path) -> Faults:
    """Read a file of faults; raises :class:`SimulatorError` naming everything that is wrong with it."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST_FILE + 1)
        told = yaml.safe_load(content.decode("utf-8")) if len(content) <= _LARGEST_FILE else None
    except OSError as error:
        raise SimulatorError(f"The faults file {path} cannot be read ({error.strerror}).") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError):
        raise SimulatorError(f"The faults file {path} is not YAML in UTF-8.") from None
    if not isinstance(told, dict):
        raise SimulatorError(f"The faults file {path} should hold `seed` and a list `faults`.")
    wrong = list(_wrong(told))
    if wrong:
        raise SimulatorError(f"The faults file {path} cannot be used:\n- " + "\n- ".join(wrong))
    return Faults(told.get("seed", 0), tuple(_fault(entry) for entry in told["faults"]))


def _wrong(told: dict[Any, Any]) -> Iterator[str]:
    if unknown := sorted(str(name) for name in set(told) - {"seed", "faults"}):
        yield f"unknown: {', '.join(unknown)}"
    if type(told.get("seed", 0)) is not int:
        yield "`seed` should be a whole number"
    entries = told.get("faults")
    if not isinstance(entries, list) or len(entries) > _MOST_FAULTS:
        yield f"`faults` should be a list of at most {_MOST_FAULTS}"
        return
    for ordinal, entry in enumerate(entries, 1):
        yield from (f"fault {ordinal}: {problem}" for problem in _wrong_entry(entry))


def _wrong_entry(entry: Any) -> Iterator[str]:
    kinds = {kind.label: kind for kind in Kind}
    kind = (
        kinds.get(entry["kind"]) if isinstance(entry, dict) and isinstance(entry.get("kind"), str) else None
    )
    if kind is None:
        yield f"`kind` should be one of {', '.join(kinds)}"
        return
    if unknown := sorted(str(name) for name in set(entry) - {"kind", "chance", "requests", *kind.parameters}):
        yield f"{kind.label} does not take {', '.join(unknown)}"
    if ("chance" in entry) == ("requests" in entry):
        yield "either `chance` or `requests` should say when"
    if "chance" in entry and not (_is_number(entry["chance"]) and entry["chance"] <= 1):
        yield "`chance` should be a number from 0 to 1"
    requests = entry.get("requests", [])
    if not isinstance(requests, list) or not all(type(each) is int and each > 0 for each in requests):
        yield "`requests` should be a list of numbers, counted from 1"
    for name, parameter in kind.parameters.items():
        if name not in entry and parameter.default is None:
            yield f"{kind.label} needs `{name}`"
        if name in entry and not _fits(entry[name], parameter):
            choices = (
                f" {', '.join(str(choice) for choice in parameter.choices)}" if parameter.choices else ""
            )
            yield f"`{name}` should be {parameter.form}{choices}"


def _fits(value: Any, parameter: Parameter) -> bool:
    if parameter.choices:
        return any(type(value) is type(choice) and value == choice for choice in parameter.choices)
    return _is_number(value) and (parameter.form == _NUMBER or type(value) is int)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and 0 <= value < float("inf")


def _fault(entry: Mapping[str, Any]) -> Fault:
    kind = next(kind for kind in Kind if kind.label == entry["kind"])
    parameters = {name: entry.get(name, parameter.default) for name, parameter in kind.parameters.items()}
    return Fault(kind, parameters, float(entry.get("chance", 0.0)), frozenset(entry.get("requests", ())))
