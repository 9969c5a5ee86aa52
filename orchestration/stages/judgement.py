"""Gates: the facts a suite needs, the verdicts it gives, their place in the warehouse and their pages for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path

import duckdb

from expectations.catalogue import suites
from expectations.rule import Fact
from expectations.runner import judge_together
from expectations.verdict import Verdict
from handover.contract.mapping import load_mappings
from handover.sealed import SealedDelivery
from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.reporting.data_docs import write_data_docs
from orchestration.reporting.figures import read_figures
from orchestration.warehouse.project import read_manifest
from orchestration.warehouse.scope import recorded_as_of, recorded_packages
from orchestration.warehouse.verdicts import (
    Judgement,
    Outcome,
    prepare_results,
    read_outcomes,
    record_verdicts,
)


@dataclass(frozen=True)
class Judged:
    """The verdicts on a relation, one per rule, evaluated or not; and the page that tells of them."""

    verdicts: tuple[Verdict, ...]
    page: Path


def judge_relations(
    installation: Installation, relations: Iterable[str], run_id: str, now: datetime
) -> dict[str, Judged]:
    """Judge relations by their suites, keep the verdicts and write their pages anew; by relation."""
    settings = installation.settings
    facts = gate_facts(installation, relations)
    verdicts = judge_together(settings.warehouse, facts, memory_limit=settings.memory_limit)
    with installation.warehouse.connect() as connection:
        prepare_results(connection, suites(), waiting_packages(installation, connection))
        record_verdicts(connection, Judgement(run_id, now), chain.from_iterable(verdicts.values()))
        outcomes = read_outcomes(connection)
    pages = write_data_docs(installation.data_docs, suites(), outcomes)
    return {relation: Judged(found, pages[relation]) for relation, found in verdicts.items()}


def latest_outcomes(installation: Installation, relation: str | None) -> list[Outcome]:
    """The newest result of every rule of the catalogue for every package, judged or not.

    Raises :class:`UsageError` for a relation without a suite, :class:`WarehouseError` where nothing was imported.
    """
    if relation is not None and relation not in suites():
        raise UsageError(
            f"There is no suite for {relation}; `tiemchung gates` lists the relations that have one."
        )
    installation.warehouse.require()
    with installation.warehouse.connect() as connection:
        prepare_results(connection, suites(), waiting_packages(installation, connection))
        return read_outcomes(connection, relation)


def waiting_packages(installation: Installation, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Packages received after all of those in scope: no gate has seen them."""
    in_scope = set(recorded_packages(connection))
    sealed = installation.vault.deliveries()
    newest = max((p.received_at for p in sealed if p.id in in_scope), default=None)
    return [p.id for p in sealed if p.id not in in_scope and (newest is None or p.received_at > newest)]


def gate_facts(installation: Installation, relations: Iterable[str]) -> dict[str, dict[str, int | str]]:
    """What rules are told because a relation itself cannot know it: declarations, the day, the figures; by relation."""
    with installation.warehouse.connect() as connection:
        as_of = recorded_as_of(connection)
        packages = [installation.vault.delivery(package) for package in recorded_packages(connection)]
    figures = read_figures(read_manifest())
    common: dict[str, int | str] = {
        Fact.AS_OF: as_of.isoformat(),
        Fact.FIGURE_IDS: " ".join(figure.id for figure in figures),
    }
    return {relation: common | _declared(relation, packages) for relation in relations}


def _declared(relation: str, packages: list[SealedDelivery]) -> dict[str, int | str]:
    declared = declared_rows(relation, packages)
    if not declared:
        return {}
    by_package = "\n".join(f"{name}={rows}" for name, rows in declared.items() if rows)
    return {Fact.DECLARED_ROWS: sum(declared.values()), Fact.DECLARED_BY_PACKAGE: by_package}


def declared_rows(relation: str, packages: list[SealedDelivery]) -> dict[str, int]:
    """Rows the vendor declared for a raw relation, by package; empty where no package speaks of it."""
    places = {
        f"raw.{table.name}": (mapping.component, table.vendor_table)
        for mapping in load_mappings()
        for table in mapping.tables
    }
    if relation not in places:
        return {}
    component, vendor_table = places[relation]
    return {
        package.id: table.rows
        for package in packages
        for part in [package.declaration.components.get(component)]
        if part is not None and part.database is not None
        for table in part.database.tables
        if table.table == vendor_table
    }
