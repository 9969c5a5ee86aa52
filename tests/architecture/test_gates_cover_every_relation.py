"""Which relations have a gate: all of raw, staging and cleansing, but those that are exempt for a reason."""

from typing import Any

import pytest

from expectations import catalogue
from expectations.exempt import EXEMPT
from handover.contract.mapping import load_mappings
from orchestration.settings import Settings
from orchestration.warehouse.project import read_manifest
from orchestration.warehouse.transformation import prepare_manifest

LAYERS = ("staging", "cleansing")
TABLES = {f"raw.{table.name}" for mapping in load_mappings() for table in mapping.tables}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        home = str(tmp_path_factory.mktemp("home"))
        for name, value in Settings.from_environ({"TIEMCHUNG_HOME": home}).to_environ().items():
            patch.setenv(name, value)
        prepare_manifest()
        return read_manifest()


def test_every_relation_of_raw_staging_and_cleansing_has_a_suite_or_a_reason(
    manifest: dict[str, Any],
) -> None:
    built = {
        f"{node['schema']}.{node['name']}"
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["schema"] in LAYERS
        and node["config"]["materialized"] != "ephemeral"
    }
    assert sorted((built | TABLES) - set(catalogue.suites()) - set(EXEMPT)) == []


def test_no_exemption_is_left_of_a_relation_that_is_gone_or_has_a_suite(manifest: dict[str, Any]) -> None:
    models = {
        f"{n['schema']}.{n['name']}" for n in manifest["nodes"].values() if n["resource_type"] == "model"
    }
    assert sorted(set(EXEMPT) - models - TABLES) == []
    assert sorted(set(EXEMPT) & set(catalogue.suites())) == []
    assert all(reason.endswith(".") for reason in EXEMPT.values())


def test_no_model_reads_an_exempt_raw_relation(manifest: dict[str, Any]) -> None:
    read = {f"raw.{source['name']}" for source in manifest["sources"].values()}
    assert sorted(read & set(EXEMPT)) == []


@pytest.mark.parametrize(
    "relation",
    [
        "raw.subjects", "raw.doses", "raw.facilities", "raw.vaccines",
        "staging.stg_vendor__subjects", "staging.stg_vendor__doses",
        "staging.stg_vendor__facilities", "staging.stg_vendor__vaccines",
        "cleansing.int_subjects", "cleansing.int_doses", "cleansing.int_facilities", "cleansing.int_vaccines",
        "marts.fct_subjects", "marts.fct_doses",
    ],
)  # fmt: skip
def test_each_layer_balances_its_rows_with_the_layer_before(relation: str) -> None:
    critical = [rule for rule in catalogue.suites()[relation] if rule.severity == "critical"]
    if relation.startswith("raw."):
        assert {"RAW-PACKAGE", "RAW-COUNT"} <= {rule.id.rpartition("-")[0] for rule in critical}
    else:
        assert [rule.id for rule in critical if {"arrived", "kept"} <= set(rule.measures)]
