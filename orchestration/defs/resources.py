"""What assets are given: the installation, a clock, patience with the register, storage for what they hand on."""

from collections.abc import Callable
from datetime import UTC, datetime

import dagster as dg

from orchestration.garbage import collect_seldom
from orchestration.installation import Installation
from orchestration.instance.holds import hold_for_life
from orchestration.population.persistence import Patience
from orchestration.settings import Settings

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock; tests give another one."""
    return datetime.now(UTC)


@dg.resource
def installation(context: dg.InitResourceContext) -> Installation:
    """The installation; a run that takes it holds its file from then on, so that it can be told from a killed one."""
    settings = Settings.from_environ()
    if context.run:
        collect_seldom()
        hold_for_life(settings.dagster_home, context.run.run_id)
    return Installation(settings)


@dg.definitions
def resources() -> dg.Definitions:
    """Resources of the installation that the environment names."""
    settings = Settings.from_environ()
    return dg.Definitions(
        resources={
            "installation": installation,
            "clock": utc_now,
            "patience": Patience(),
            "io_manager": dg.FilesystemIOManager(base_dir=str(settings.dagster_home / "storage")),
        },
        executor=dg.in_process_executor,
    )
