"""Gates: the facts a suite needs, the verdicts it gives, and their place in the warehouse."""

from __future__ import annotations

from expectations.rule import Fact
from expectations.runner import judge
from expectations.verdict import Verdict
from handover.contract.mapping import load_mappings
from handover.vault import SealedDelivery
from orchestration.installation import Installation
from orchestration.reporting.figures import read_figures
from orchestration.warehouse.scope import recorded_as_of, recorded_packages
from orchestration.warehouse.transformation import read_manifest
from orchestration.warehouse.verdicts import record_verdicts


def judge_relation(installation: Installation, relation: str, run_id: str) -> tuple[Verdict, ...]:
    """Judge one relation by its suite and keep the verdicts; one verdict per rule, evaluated or not."""
    settings = installation.settings
    facts = gate_facts(installation, relation)
    verdicts = judge(settings.warehouse, relation, facts, memory_limit=settings.memory_limit)
    with installation.warehouse.connect() as connection:
        record_verdicts(connection, run_id, verdicts)
    return verdicts


def gate_facts(installation: Installation, relation: str) -> dict[str, int | str]:
    """What rules are told because the relation itself cannot know it: declarations, the day, the figures."""
    with installation.warehouse.connect() as connection:
        as_of = recorded_as_of(connection)
        packages = [installation.vault.delivery(package) for package in recorded_packages(connection)]
    figures = read_figures(read_manifest())
    facts: dict[str, int | str] = {
        Fact.AS_OF: as_of.isoformat(),
        Fact.FIGURE_IDS: " ".join(figure.id for figure in figures),
    }
    declared = declared_rows(relation, packages)
    return facts if declared is None else facts | {Fact.DECLARED_ROWS: declared}


def declared_rows(relation: str, packages: list[SealedDelivery]) -> int | None:
    """Rows the vendor declared for a raw relation over all packages; None where a package declares none of it."""
    places = {
        f"raw.{table.name}": (mapping.component, table.vendor_table)
        for mapping in load_mappings()
        for table in mapping.tables
    }
    if relation not in places:
        return None
    component, vendor_table = places[relation]
    counts = [
        table.rows
        for package in packages
        for part in [package.declaration.components.get(component)]
        if part is not None and part.database is not None
        for table in part.database.tables
        if table.table == vendor_table
    ]
    return sum(counts) if counts else None
