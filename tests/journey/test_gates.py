"""A failing gate stops everything behind it in that run and names its rule: tried in every layer.

Each case harms one relation on which the layer stands, as faulty data or faulty machinery would, then builds the
layer and all that comes behind it in a real run.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bagit
import duckdb
import pytest
import yaml

from tests.journey.conftest import Home, build_from, tiemchung

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journey")]


@dataclass(frozen=True)
class Case:
    """``harm`` is done to what the layer stands on; the layer's gate must then fail by ``rule``."""

    layer: str
    harm: str
    rule: str
    built: str
    behind: str


CASES = [
    Case(
        "staging",
        "create or replace view raw.subjects as select * replace (null::timestamptz as recorded_at) from raw.was",
        "STG_TIME_01",
        "staging/stg_vendor__subjects",
        "cleansing/int_subjects",
    ),
    Case(
        "cleansing",
        "create or replace view staging.stg_vendor__subjects as select * replace (null::varchar as full_name)"
        " from staging.was",
        "CLN_HELD_04",
        "cleansing/int_subjects",
        "verification/int_outcomes",
    ),
    Case(
        "verification",
        "update seeds.outcome_rules set rule_version = null",
        "OUT_VERSION_01",
        "verification/int_outcomes",
        "marts/fct_subjects",
    ),
    Case(
        "marts",
        "update cleansing.int_subjects set dose_count = -1",
        "MART_DOSES_01",
        "marts/fct_subjects",
        "report/rpt_figures",
    ),
    Case(
        "report",
        "delete from marts.fct_subjects where subject_id = (select min(subject_id) from marts.fct_subjects)",
        "RPT_COUNT_02",
        "report/rpt_figures",
        "report/sealed_report",
    ),
]


@pytest.fixture
def harmed(home: Home, tmp_path: Path) -> Iterator[Path]:
    """A copy of the finished home to do harm in."""
    with home.copied(tmp_path / "home") as copy:
        yield copy


def harm(warehouse: Path, case: Case) -> None:
    with duckdb.connect(warehouse) as connection:
        for schema, name in (
            ("raw", "subjects"),
            ("staging", "stg_vendor__subjects"),
            ("verification", "transfers"),
        ):
            body = connection.execute(
                "select sql from duckdb_views() where schema_name = ? and view_name = ?", [schema, name]
            ).fetchone()
            assert body is not None
            connection.execute(
                body[0].replace(name, "was", 1).replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1)
            )
        connection.execute(case.harm)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.layer)
def test_gate_stops_what_is_behind_it_and_names_its_rule(case: Case, harmed: Path) -> None:
    harm(harmed / "warehouse.duckdb", case)
    result = build_from(case.layer)
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    made = {"/".join(event.asset_key.path) for event in result.get_asset_materialization_events()}
    assert not result.success
    assert not checks[case.rule].passed
    assert case.built in made
    assert case.behind not in made


def test_raw_gate_stops_a_delivery_whose_rows_are_not_as_declared(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "country"
    shutil.copytree(home.country / "delivery", folder / "delivery")
    shutil.copyfile(home.country / "register.parquet", folder / "register.parquet")
    declaration = folder / "delivery" / "data" / "declaration.yml"
    said = yaml.safe_load(declaration.read_text(encoding="utf-8"))
    said["components"]["support"]["database"]["tables"][0]["rows"] += 1
    declaration.write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    bagit.Bag(str(folder / "delivery")).save(manifests=True)
    done = tiemchung("run", "--home", tmp_path / "home", "--delivery", folder / "delivery")
    assert done.returncode == 1
    assert "COUNT_01" in done.stdout
    assert "staging/stg_vendor__subjects" in done.stdout
    assert not (tmp_path / "home" / "ledger.sqlite").exists()
