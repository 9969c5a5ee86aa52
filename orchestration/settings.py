"""Settings of one installation, parsed once at the door.

The only module that reads or writes ``os.environ``. It holds paths, addresses and limits; no behaviour.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from orchestration.variables import (
    PREFIX,
    command_of,
    date_of,
    file_of,
    number_of,
    postgres_of,
    receiver_of,
    text_of,
)


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
        return cls._at(Path(text_of(source, "HOME", "var")), source)

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
                url=text_of(source, "REGISTER_URL", "") or None,
                token=text_of(source, "REGISTER_TOKEN", "") or None,
                agency=text_of(source, "REGISTER_AGENCY", "BYT"),
                unit=text_of(source, "REGISTER_UNIT", "BYT-CNTT"),
                officer=text_of(source, "REGISTER_OFFICER", "can-bo-chua-khai-bao"),
                rows_per_second=number_of(source, "REGISTER_ROWS_PER_SECOND"),
                rows_per_day=number_of(source, "REGISTER_ROWS_PER_DAY"),
                hours=text_of(source, "REGISTER_HOURS", "") or None,
                authorities=file_of(source, "REGISTER_CA"),
            ),
            inbox=Path(text_of(source, "INBOX", str(home / "inbox"))).resolve(),
            letter=file_of(source, "LETTER"),
            as_of=date_of(source, "AS_OF"),
            ledger_url=text_of(source, "LEDGER_URL", f"sqlite:///{home / 'ledger.sqlite'}"),
            memory_limit=text_of(source, "MEMORY_LIMIT", "8GB"),
            scan_command=command_of(source, "SCAN_COMMAND"),
            small_cells=number_of(source, "SMALL_CELLS") or 5,
            signing_key=file_of(source, "SIGNING_KEY"),
            trusted_keys=file_of(source, "TRUSTED_KEYS"),
            openlineage=OpenLineage(
                receiver=receiver_of(source, "OPENLINEAGE"),
                token=text_of(source, "OPENLINEAGE_TOKEN", "") or None,
                namespace=text_of(source, "OPENLINEAGE_NAMESPACE", "tiemchung"),
            ),
            dagster_postgres=postgres_of(source, "DAGSTER_POSTGRES_URL"),
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


def environ_for_others(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a program that is not ours: without these settings, some of which are credentials."""
    source = os.environ if environ is None else environ
    return {name: value for name, value in source.items() if not name.startswith((PREFIX, "DAGSTER_"))}


def has_screen(environ: Mapping[str, str] | None = None) -> bool:
    """Whether a browser could show a page here: not where Linux has no display, nor over a bare connection."""
    source = os.environ if environ is None else environ
    return sys.platform != "linux" or bool(source.get("DISPLAY") or source.get("WAYLAND_DISPLAY"))
