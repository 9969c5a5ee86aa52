"""Every figure of the real dbt project has a whole trace, and the walk agrees with sqlglot's own lineage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlglot import exp
from sqlglot.lineage import lineage

from handover.contract.mapping import load_mappings
from orchestration.lineage.column_lineage import DIALECT, read_select
from orchestration.lineage.project import Kind, read_project
from orchestration.lineage.rows import known_columns
from orchestration.lineage.trace import Trace, trace_figure
from orchestration.reporting.figures import read_figures
from orchestration.warehouse.connection import set_digest_key
from orchestration.warehouse.digest_key import read_key
from orchestration.warehouse.project import compiled_manifest
from tests.spec.warehouse import DELIVERY, build, dose, make, subject


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a warehouse with three subjects, one of them held back, and of what dbt compiled for it."""
    folder = tmp_path_factory.mktemp("traced")
    subjects = [subject(1), subject(2, id_number=""), subject(3, full_name="")]
    make(folder / "warehouse.duckdb", {"raw.subjects": subjects, "raw.doses": [dose(1, 1), dose(2, 3)]})
    build(folder / "warehouse.duckdb")
    return folder


@pytest.fixture(scope="module")
def compiled(folder: Path) -> dict[str, Any]:
    return compiled_manifest(folder / "target")


@pytest.fixture
def connection(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with closing(duckdb.connect(folder / "warehouse.duckdb", read_only=True)) as connection:
        set_digest_key(connection, read_key(folder / "secrets" / "digest.key"))
        yield connection


def test_every_figure_leads_back_to_the_vendors_columns_without_a_gap(
    compiled: dict[str, Any], connection: duckdb.DuckDBPyConnection
) -> None:
    figures = read_figures(compiled)
    traces: list[Trace] = [
        trace_figure(
            figure.id,
            manifest=compiled,
            connection=connection,
            contracts=load_mappings(),
            deliveries={DELIVERY: "ab" * 32},
            letter=None,
        )
        for figure in figures
    ]
    assert len(traces) == 16
    for trace in traces:
        vendors = {str(origin.ref): origin.vendor for origin in trace.origins}
        assert trace.way.is_complete, trace.as_text()
        assert trace.is_as_counted
        assert {relation.name.schema for relation in trace.way.relations} >= {
            "raw",
            "staging",
            "cleansing",
            "marts",
        }
        assert {"raw.subjects.id_number", "raw.subjects.full_name", "verification.answers.error_code"} <= set(
            vendors
        )
        assert all(vendor for ref, vendor in vendors.items() if ref.startswith("raw.") and "._" not in ref)
    assert [trace.rows.subjects for trace in traces[:3]] == [3, 0, 3]


def test_direct_columns_agree_with_the_lineage_that_sqlglot_finds(
    compiled: dict[str, Any], connection: duckdb.DuckDBPyConnection
) -> None:
    known = known_columns(connection)
    models = [each for each in read_project(compiled).relations.values() if each.kind is Kind.MODEL]
    for model in models:
        assert model.sql
        select = read_select(model.sql, known)
        schema = {"warehouse": _schema(known)}
        found = lineage(None, model.sql, schema=schema, dialect=DIALECT)
        for column in known[model.name]:
            leaves = {
                f"{node.expression.db}.{node.expression.name}.{node.name.split('.')[-1]}"
                for node in found[column].walk()
                if isinstance(node.expression, exp.Table)
            }
            assert {str(ref) for ref in select.inputs(column)} == leaves, f"{model.name}.{column}"


def _schema(known: Any) -> dict[str, dict[str, dict[str, str]]]:
    schema: dict[str, dict[str, dict[str, str]]] = {}
    for name, columns in known.items():
        schema.setdefault(name.schema, {})[name.relation] = dict.fromkeys(columns, "unknown")
    return schema
