"""How an environment variable becomes a value, and what is said where it cannot. Reads mappings, never the environment.

Belongs here: forms of values. Which variables there are is :mod:`settings`.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from datetime import date
from pathlib import Path

PREFIX = "TIEMCHUNG_"
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:|/|$)")
_POSTGRES = re.compile(
    r"postgresql(\+psycopg2)?://([^\s/@:]*(:[^\s/@:]*)?@)?[^\s/@:?]*(:[0-9]{1,5})?/[^\s/@?]+(\?\S*)?"
)
_ADDRESS = re.compile(r"https?://([^\s/@?#\[\]]+|\[[0-9a-fA-F:.]+\](:\d+)?)(/[^\s@?#]*)?")


class SettingsError(ValueError):
    """A setting is missing or cannot be read; the message names the variable and what it should hold."""


def text_of(source: Mapping[str, str], name: str, default: str) -> str:
    """The text, or the default where it is not set or empty."""
    return source.get(PREFIX + name) or default


def file_of(source: Mapping[str, str], name: str) -> Path | None:
    """A path made absolute."""
    path = text_of(source, name, "")
    return Path(path).resolve() if path else None


def postgres_of(source: Mapping[str, str], name: str) -> str | None:
    """An address of a PostgreSQL database as it stands; never quoted, for it may hold a password."""
    text = text_of(source, name, "")
    if text and not _POSTGRES.fullmatch(text):
        raise SettingsError(
            f"{PREFIX}{name} should be postgresql://user:password@host:port/database; signs of the password such as "
            "@ : / are to be percent-encoded."
        )
    return text or None


def receiver_of(source: Mapping[str, str], name: str) -> str | None:
    """An address as it stands, a path made absolute; an address that holds a name or password is refused."""
    text = text_of(source, name, "")
    if "://" not in text:
        return str(Path(text).resolve()) if text else None
    if not _ADDRESS.fullmatch(text):
        raise SettingsError(
            f"{PREFIX}{name} should be a path or an address such as http://host:5000 without a name, password or "
            f"query; a token goes into {PREFIX}{name}_TOKEN."
        )
    if text.startswith("http://") and text_of(source, f"{name}_TOKEN", "") and not _LOOPBACK.match(text):
        raise SettingsError(
            f"{PREFIX}{name}_TOKEN would travel in the clear; {PREFIX}{name} should begin with https:// "
            "(http:// only on this very machine)."
        )
    return text


def command_of(source: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A program and its options, split as a shell splits them."""
    try:
        return tuple(shlex.split(text_of(source, name, "")))
    except ValueError as error:
        raise SettingsError(
            f"{PREFIX}{name} should be a program and its options; a quote is open."
        ) from error


def number_of(source: Mapping[str, str], name: str) -> int | None:
    """A whole number of 1 or more."""
    text = text_of(source, name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1 << 31:
        raise SettingsError(f"{PREFIX}{name} should be a whole number of 1 or more.")
    return int(text)


def date_of(source: Mapping[str, str], name: str) -> date | None:
    """A day as ``yyyy-mm-dd``."""
    text = text_of(source, name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name} should be a date like 2022-04-05, found {text!r}.") from error
