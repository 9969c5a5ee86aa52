"""A failing gate stops everything behind it in that run and names its rule: tried in every layer.

Each case harms one relation on which the layer stands, as faulty data or faulty machinery would, then builds the
layer and all that comes behind it in a real run.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from tests.journey.conftest import Home

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("gates")]


@dataclass(frozen=True)
class Case:
    layer: str
    built: tuple[str, ...]
    harm: str
    rule: str
    behind: str


CASES = [
    Case("staging", ("staging/stg_vendor__subjects",), "", "STG-COUNT-01", "cleansing/int_subjects"),
]


@pytest.fixture
def harmed(home: Home, tmp_path: Path) -> Iterator[Path]:
    """A copy of the finished home to do harm in."""
    copy = tmp_path / "home"
    shutil.copytree(home.path, copy, ignore=shutil.ignore_patterns("inbox"))
    before = dict(os.environ)
    yield copy
    os.environ.clear()
    os.environ.update(before)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.layer)
def test_gate_stops_what_is_behind_it_and_names_its_rule(case: Case, harmed: Path) -> None:
    with duckdb.connect(harmed / "warehouse.duckdb") as connection:
        connection.execute(case.harm)
