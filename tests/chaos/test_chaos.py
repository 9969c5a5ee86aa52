"""A few runs under `kill -9`; `make chaos` does 200."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.processes import CLIENT, DAGSTER_RUN
from tests.chaos.runs import make, run, undisturbed

RUNS = 20
SEED = 1000


@pytest.mark.xdist_group("chaos")
def test_whatever_is_killed_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    make(tmp_path)
    calm = undisturbed(tmp_path)
    assert len(calm.answers) > 0
    told = [run(tmp_path, seed, calm) for seed in range(SEED, SEED + RUNS)]
    assert {each.seed: each.faults for each in told if each.faults} == {}
    assert {each.asker for each in told if each.blows} == {CLIENT, DAGSTER_RUN}
