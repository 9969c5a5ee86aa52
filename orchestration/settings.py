"""Settings of one installation, parsed once at the door.

The only module that reads or writes ``os.environ``. It holds paths, addresses and limits; no behaviour.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

PREFIX = "TIEMCHUNG_"
_LOOPBACK = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:|/|$)")
_ADDRESS = re.compile(r"https?://([^\s/@?#\[\]]+|\[[0-9a-fA-F:.]+\](:\d+)?)(/[^\s@?#]*)?")


class SettingsError(ValueError):
    """A setting is missing or cannot be read; the message names the variable and what it should hold."""


@dataclass(frozen=True)
class Register:
    """Where the population register answers, in whose name it is asked (agency, unit, named officer), and at what pace.

    ``hours`` is a part of the day in Viet Nam, such as 22:00-05:00; without a bound, asking is always allowed.
    ``authorities`` is a PEM file of the certificate authorities to trust instead of the usual ones.
    """

    url: str | None
    token: str | None = field(repr=False)
    agency: str
    unit: str
    officer: str
    rows_per_second: int | None
    rows_per_day: int | None
    hours: str | None
    authorities: Path | None


@dataclass(frozen=True)
class OpenLineage:
    """Who is told of runs as OpenLineage events: a file (path) or an ``http(s)://`` address; None: nobody.

    ``namespace`` names this installation among others that tell the same receiver.
    """

    receiver: str | None
    token: str | None = field(repr=False)
    namespace: str


@dataclass(frozen=True)
class Settings:
    """Everything the platform takes from its environment. All paths lie under ``home`` unless stated.

    ``small_cells``: counts of subjects from 1 to one less than it are not shown by province, district or facility.
    ``signing_key`` signs reports (ed25519, PEM); ``trusted_keys`` is a file or folder of public keys to verify them by.
    ``dagster_postgres`` is the database of Dagster's runs, events and schedules, where they are not files of the home.
    """

    home: Path
    register: Register
    inbox: Path
    letter: Path | None
    as_of: date | None
    ledger_url: str = field(repr=False)
    memory_limit: str
    scan_command: tuple[str, ...]
    small_cells: int
    signing_key: Path | None
    trusted_keys: Path | None
    openlineage: OpenLineage
    dagster_postgres: str | None = field(repr=False)

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Parse the variables ``TIEMCHUNG_*``; raises :class:`SettingsError` with the variable's name."""
        source = os.environ if environ is None else environ
        return cls._at(Path(_get(source, "HOME", "var")), source)

    def at(self, home: Path) -> Settings:
        """These settings for another home directory: paths that lay under the old home lie under the new one."""
        values = self.to_environ()
        for name in ("INBOX", "LEDGER_URL"):
            values[PREFIX + name] = values[PREFIX + name].replace(str(self.home), str(home))
        return Settings._at(home, values)

    @classmethod
    def _at(cls, folder: Path, source: Mapping[str, str]) -> Settings:
        home = folder.resolve()
        return cls(
            home=home,
            register=Register(
                url=_get(source, "REGISTER_URL", "") or None,
                token=_get(source, "REGISTER_TOKEN", "") or None,
                agency=_get(source, "REGISTER_AGENCY", "BYT"),
                unit=_get(source, "REGISTER_UNIT", "BYT-CNTT"),
                officer=_get(source, "REGISTER_OFFICER", "can-bo-chua-khai-bao"),
                rows_per_second=_number(source, "REGISTER_ROWS_PER_SECOND"),
                rows_per_day=_number(source, "REGISTER_ROWS_PER_DAY"),
                hours=_get(source, "REGISTER_HOURS", "") or None,
                authorities=_file(source, "REGISTER_CA"),
            ),
            inbox=Path(_get(source, "INBOX", str(home / "inbox"))).resolve(),
            letter=_file(source, "LETTER"),
            as_of=_date(source, "AS_OF"),
            ledger_url=_get(source, "LEDGER_URL", f"sqlite:///{home / 'ledger.sqlite'}"),
            memory_limit=_get(source, "MEMORY_LIMIT", "8GB"),
            scan_command=_command(source, "SCAN_COMMAND"),
            small_cells=_number(source, "SMALL_CELLS") or 5,
            signing_key=_file(source, "SIGNING_KEY"),
            trusted_keys=_file(source, "TRUSTED_KEYS"),
            openlineage=OpenLineage(
                receiver=_receiver(source, "OPENLINEAGE"),
                token=_get(source, "OPENLINEAGE_TOKEN", "") or None,
                namespace=_get(source, "OPENLINEAGE_NAMESPACE", "tiemchung"),
            ),
            dagster_postgres=_dagster_postgres(source),
        )

    @property
    def vault(self) -> Path:
        """Sealed deliveries, content-addressed and read-only."""
        return self.home / "vault"

    @property
    def scratch(self) -> Path:
        """Packages while they are unpacked; empty between runs."""
        return self.home / "scratch"

    @property
    def lake(self) -> Path:
        """Raw rows of every delivery and increment, as Parquet."""
        return self.home / "lake"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file that dbt builds."""
        return self.home / "warehouse.duckdb"

    @property
    def ledger_folder(self) -> Path:
        """Prepared batches and kept answers beside the ledger's state."""
        return self.home / "ledger"

    @property
    def reports(self) -> Path:
        """Sealed reports, by date and seal."""
        return self.home / "reports"

    @property
    def digest_key(self) -> Path:
        """The installation's secret for row digests and subject references; never inside the warehouse."""
        return self.home / "secrets" / "digest.key"

    @property
    def dagster_home(self) -> Path:
        """Dagster's instance folder."""
        return self.home / "dagster"

    def to_environ(self) -> dict[str, str]:
        """The variables that make another process read these very settings."""
        values = {
            "HOME": str(self.home),
            "REGISTER_URL": self.register.url or "",
            "REGISTER_TOKEN": self.register.token or "",
            "REGISTER_AGENCY": self.register.agency,
            "REGISTER_UNIT": self.register.unit,
            "REGISTER_OFFICER": self.register.officer,
            "REGISTER_ROWS_PER_SECOND": str(self.register.rows_per_second or ""),
            "REGISTER_ROWS_PER_DAY": str(self.register.rows_per_day or ""),
            "REGISTER_HOURS": self.register.hours or "",
            "REGISTER_CA": str(self.register.authorities or ""),
            "INBOX": str(self.inbox),
            "LETTER": str(self.letter) if self.letter else "",
            "AS_OF": self.as_of.isoformat() if self.as_of else "",
            "LEDGER_URL": self.ledger_url,
            "MEMORY_LIMIT": self.memory_limit,
            "SCAN_COMMAND": shlex.join(self.scan_command),
            "SMALL_CELLS": str(self.small_cells),
            "SIGNING_KEY": str(self.signing_key or ""),
            "TRUSTED_KEYS": str(self.trusted_keys or ""),
            "OPENLINEAGE": self.openlineage.receiver or "",
            "OPENLINEAGE_TOKEN": self.openlineage.token or "",
            "OPENLINEAGE_NAMESPACE": self.openlineage.namespace,
            "DAGSTER_POSTGRES_URL": self.dagster_postgres or "",
            "WAREHOUSE": str(self.warehouse),
        }
        return {PREFIX + name: value for name, value in values.items()} | {
            "DAGSTER_HOME": str(self.dagster_home)
        }

    def export(self, environ: MutableMapping[str, str] | None = None) -> None:
        """Hand these settings to this process's children (dbt, Dagster) through the environment."""
        (os.environ if environ is None else environ).update(self.to_environ())


def has_screen(environ: Mapping[str, str] | None = None) -> bool:
    """Whether a browser could show a page here: not where Linux has no display, nor over a bare connection."""
    source = os.environ if environ is None else environ
    return sys.platform != "linux" or bool(source.get("DISPLAY") or source.get("WAYLAND_DISPLAY"))


def _get(source: Mapping[str, str], name: str, default: str) -> str:
    return source.get(PREFIX + name) or default


def _file(source: Mapping[str, str], name: str) -> Path | None:
    path = _get(source, name, "")
    return Path(path).resolve() if path else None


_DAGSTERS_DRIVER = "postgresql+psycopg2"
"""Dagster's statements are written for this driver; SQLAlchemy takes another one where none is named."""


def _dagster_postgres(source: Mapping[str, str]) -> str | None:
    scheme, _, rest = _get(source, "DAGSTER_POSTGRES_URL", "").partition("://")
    if not scheme:
        return None
    if not rest or scheme not in ("postgres", "postgresql", _DAGSTERS_DRIVER):
        raise SettingsError(
            f"{PREFIX}DAGSTER_POSTGRES_URL should be postgresql://user:password@host/database."
        )
    return f"{_DAGSTERS_DRIVER}://{rest}"


def _receiver(source: Mapping[str, str], name: str) -> str | None:
    """An address as it stands, a path made absolute; an address that holds a name or password is refused."""
    text = _get(source, name, "")
    if "://" not in text:
        return str(Path(text).resolve()) if text else None
    if not _ADDRESS.fullmatch(text):
        raise SettingsError(
            f"{PREFIX}{name} should be a path or an address such as http://host:5000 without a name, password or "
            f"query; a token goes into {PREFIX}{name}_TOKEN."
        )
    if text.startswith("http://") and _get(source, f"{name}_TOKEN", "") and not _LOOPBACK.match(text):
        raise SettingsError(
            f"{PREFIX}{name}_TOKEN would travel in the clear; {PREFIX}{name} should begin with https:// "
            "(http:// only on this very machine)."
        )
    return text


def _command(source: Mapping[str, str], name: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(_get(source, name, "")))
    except ValueError as error:
        raise SettingsError(
            f"{PREFIX}{name} should be a program and its options; a quote is open."
        ) from error


def _number(source: Mapping[str, str], name: str) -> int | None:
    text = _get(source, name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1 << 31:
        raise SettingsError(f"{PREFIX}{name} should be a whole number of 1 or more.")
    return int(text)


def _date(source: Mapping[str, str], name: str) -> date | None:
    text = _get(source, name, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name} should be a date like 2022-04-05, found {text!r}.") from error
