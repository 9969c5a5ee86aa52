"""Gates: the facts a suite needs, the verdicts it gives, and their place in the warehouse."""

from __future__ import annotations

from expectations.runner import judge

from expectations.verdict import Verdict
from orchestration.installation import Installation
from orchestration.warehouse.verdicts import record_verdicts


def judge_relation(installation: Installation, relation: str, run_id: str) -> tuple[Verdict, ...]:
    """Judge one relation by its suite and keep the verdicts; one verdict per rule, evaluated or not."""
    verdicts = judge(installation.settings.warehouse, relation, gate_facts(installation, relation))
    with installation.warehouse.connect() as connection:
        record_verdicts(connection, run_id, verdicts)
    return verdicts
