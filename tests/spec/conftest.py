"""One warehouse for all spec tables: dbt starts slowly, so it builds every case at once."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from tests.spec import cases, warehouse


@pytest.fixture(scope="session")
def cleansed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse in which every case was cleansed and the register's questions are ready."""
    path = tmp_path_factory.mktemp("spec") / "warehouse.duckdb"
    warehouse.make(path, {"raw.subjects": cases.subjects(), "raw.doses": cases.doses()})
    warehouse.build(path, "path:seeds", "+int_requests", "+int_dose_findings", "+int_subject_findings")
    return path


@pytest.fixture(scope="session")
def answered(cleansed: Path) -> Path:
    """The same warehouse after the register has answered, with facts and figures."""
    digests = dict(
        warehouse.query(cleansed, "select subject_id, content_digest from verification.int_requests")
    )
    transfers, answers = cases.answers(digests)
    with closing(duckdb.connect(cleansed)) as connection:
        warehouse.fill(connection, "verification.transfers", transfers)
        warehouse.fill(connection, "verification.answers", answers)
    warehouse.build(cleansed, "int_outcomes", "path:models/marts", "path:models/report")
    return cleansed
