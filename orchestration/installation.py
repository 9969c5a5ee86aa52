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
    def kept_letter(self) -> Path:
        """Where the letter that a run was given stays, so that later traces set the same one beside their figures."""
        return self.settings.home / "letter.yml"

    @property
    def letter(self) -> Path | None:
        """The letter to set beside the figures: the one of the settings, else the one kept here, else none."""
        if self.settings.letter is not None:
            return self.settings.letter
        return self.kept_letter if self.kept_letter.exists() else None

    @property
    def dbt_target(self) -> Path:
        """Where dbt writes what it compiled for this home."""
        return self.settings.home / "dbt"

    @property
    def data_docs(self) -> Path:
        """Pages on the rules of the gates and what they came to."""
        return self.settings.home / "data_docs"

    @property
    def completeness(self) -> Path:
        """The latest assessment of the 16 cells."""
        return self.settings.home / "handover" / "completeness.json"

    @property
    def handover_page(self) -> Path:
        """The same for people, as a page."""
        return self.settings.home / "handover" / "index.html"
