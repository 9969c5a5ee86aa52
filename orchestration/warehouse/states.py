"""States of the warehouse as links of a chain of digests: the definitions, the delivery, then day after day.

Two warehouses whose relations bear the same link hold the same rows in them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import duckdb

from handover.contract.mapping import load_mappings
from orchestration.warehouse.project import inputs_digest
from orchestration.warehouse.scope import recorded_as_of

_COMPUTING = ("tiemchung", "duckdb", "dbt-core", "dbt-duckdb")


@dataclass(frozen=True)
class Chain:
    """The states on the way to the one wanted: after the delivery (first) and after each of its days, oldest first."""

    definitions: str
    days: tuple[date, ...]
    links: tuple[str, ...]

    @classmethod
    def recorded(cls, connection: duckdb.DuckDBPyConnection, definitions: str) -> Chain:
        """The chain of the scope that the warehouse was given, under these definitions."""
        as_of = recorded_as_of(connection)
        bags = connection.execute(
            "select bag_sha256 from raw.scope order by covers_on nulls first"
        ).fetchall()
        links, link = [], definitions
        for (bag,) in bags:
            link = hashlib.sha256(f"{link}|{bag}".encode()).hexdigest()
            links.append(link)
        return cls(
            definitions, tuple(as_of - timedelta(days=n) for n in reversed(range(len(links)))), tuple(links)
        )

    def place(self, link: str | None) -> int | None:
        """Where a link stands in it; None where it is none of its states."""
        return self.links.index(link) if link in self.links else None


def definitions(key: Path) -> str:
    """Digest of all that decides what the same rows become: versions, the dbt project, the contract, the digest key."""
    digest = hashlib.sha256(repr([version(name) for name in _COMPUTING]).encode())
    digest.update(inputs_digest().encode())
    digest.update(repr(load_mappings()).encode())
    digest.update(hashlib.sha256(key.read_bytes()).digest())
    return digest.hexdigest()
