"""One installation of the platform: its settings and the rooms opened with them (vault, warehouse, ledger).

Knows which parts belong together; does no work of its own. Dagster gets it as a resource, the command line directly.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from handover.vault import Vault
from orchestration.settings import Settings
from orchestration.warehouse.connection import Warehouse


@dataclass(frozen=True)
class Installation:
    """The parts of one home directory."""

    settings: Settings

    @property
    def vault(self) -> Vault:
        """Sealed packages."""
        return Vault(self.settings.vault)

    @property
    def warehouse(self) -> Warehouse:
        """The DuckDB file and its key."""
        return Warehouse(self.settings.warehouse, self.settings.digest_key, self.settings.memory_limit)

    @property
    def dbt_target(self) -> Path:
        """Where dbt writes what it compiled for this home."""
        return self.settings.home / "dbt"

    @property
    def completeness(self) -> Path:
        """The latest assessment of the 16 cells."""
        return self.settings.home / "handover" / "completeness.json"
