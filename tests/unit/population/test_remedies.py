"""Every error code of the contract has its remedy, in both languages."""

from __future__ import annotations

from pathlib import Path

import yaml

from orchestration import population
from orchestration.population.remedies import BATCH_REMEDIES, ROW_REMEDIES

OURS = {"ANSWER_FAULTY", "ANSWER_LOST", "BEYOND_LIMITS"}
"""Codes the ledger gives itself."""


def test_every_code_of_the_contract_has_a_remedy_and_no_other() -> None:
    contract = Path(str(population.__file__)).parent / "contract" / "openapi.yaml"
    schemas = yaml.safe_load(contract.read_text("utf-8"))["components"]["schemas"]
    of_rows = set(schemas["Verdict"]["properties"]["error_code"]["enum"]) - {None}
    assert set(ROW_REMEDIES) == of_rows
    assert set(BATCH_REMEDIES) == set(schemas["Error"]["properties"]["code"]["enum"]) | OURS
    assert all(r.vi and r.en and r.vi != r.en for r in (*ROW_REMEDIES.values(), *BATCH_REMEDIES.values()))
