"""For all tests: what hypothesis may not judge on a busy machine, and an environment that no test leaves behind."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """A verb run in this process hands its settings to children through the environment; the next test has its own."""
    before = dict(os.environ)
    yield
    if dict(os.environ) != before:
        os.environ.clear()
        os.environ.update(before)
