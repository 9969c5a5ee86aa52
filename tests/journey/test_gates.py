"""A failing gate stops everything behind it in that run and names its rule: tried in every layer.

Each case harms one relation on which the layer stands, as faulty data or faulty machinery would, then builds the
layer and all that comes behind it in a real run.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import bagit
import dagster as dg
import duckdb
import pytest
import yaml

from orchestration.definitions import defs
from orchestration.settings import Settings
from tests.journey.conftest import Home, tiemchung

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("gates")]


@dataclass(frozen=True)
class Case:
    """``harm`` is done to what the layer stands on; the layer's gate must then fail by ``rule``."""

    layer: str
    first: str
    harm: str
    rule: str
    behind: str


CASES = [
    Case(
        "staging",
        "staging",
        "create or replace view raw.subjects as select * replace (null::timestamptz as recorded_at) from raw.was",
        "STG_TIME_01",
        "cleansing/int_subjects",
    ),
    Case(
        "cleansing",
        "cleansing",
        "create or replace view staging.stg_vendor__subjects as select * replace (null::varchar as full_name)"
        " from staging.was",
        "CLN_HELD_04",
        "verification/outbox",
    ),
    Case(
        "verification",
        "verification",
        "create or replace view verification.transfers as select * replace (-subject_id as subject_id)"
        " from verification.was",
        "OUT_KEY_03",
        "marts/fct_subjects",
    ),
    Case(
        "marts",
        "marts",
        "insert into verification.int_outcomes select * from verification.int_outcomes limit 1",
        "MART_KEY_02",
        "report/rpt_figures",
    ),
    Case(
        "report",
        "report",
        "delete from marts.fct_subjects where subject_id = (select min(subject_id) from marts.fct_subjects)",
        "RPT_COUNT_02",
        "report/sealed_report",
    ),
]
STEPS = {
    "staging": ("staging", "seeds"),
    "cleansing": ("cleansing",),
    "verification": ("int_outcomes",),
    "marts": ("marts",),
    "report": ("rpt_figures",),
}


@pytest.fixture
def harmed(home: Home, tmp_path: Path) -> Iterator[Path]:
    """A copy of the finished home to do harm in."""
    copy = tmp_path / "home"
    shutil.copytree(home.path, copy, ignore=shutil.ignore_patterns("inbox"))
    before = dict(os.environ)
    Settings.from_environ({"TIEMCHUNG_HOME": str(copy)}).export()
    yield copy
    os.environ.clear()
    os.environ.update(before)


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
    definitions = defs()
    names = STEPS[case.layer]
    assets = definitions.resolve_asset_graph()
    layer = [
        key
        for key in assets.get_all_asset_keys()
        if set(key.path) & set(names) and assets.get(key).is_executable
    ]
    behind = dg.AssetKey(case.behind.split("/"))
    with dg.DagsterInstance.get() as instance:
        result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
            instance=instance, asset_selection=[*layer, behind], raise_on_error=False
        )
        checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
        made = {event.asset_key for event in result.get_asset_materialization_events()}
    assert not result.success
    assert not checks[case.rule].passed
    assert set(layer) <= made
    assert behind not in made


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
