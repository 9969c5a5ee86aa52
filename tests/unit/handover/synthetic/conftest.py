"""One small country, made once and looked at by all tests of this folder that change nothing in it."""

from pathlib import Path

import pytest

from handover.synthetic.country import make_country

SCALE = 0.0001


@pytest.fixture(scope="session")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the smallest country."""
    folder = tmp_path_factory.mktemp("country") / "made"
    make_country(folder, scale=SCALE, seed=1)
    return folder
