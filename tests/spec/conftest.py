"""One warehouse for all spec tables: dbt starts slowly, so it builds every case at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.spec import cases, warehouse


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse in which every case was cleansed, asked about, answered and counted."""
    path = tmp_path_factory.mktemp("spec") / "warehouse.duckdb"
    tables = {
        "raw.subjects": cases.subjects(),
        "raw.doses": cases.doses(),
        "ledger.transfers": cases.transfers(),
        "ledger.answers": cases.answers(),
    }
    warehouse.make(path, tables)
    warehouse.build(path)
    return path
