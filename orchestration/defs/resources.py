"""What assets are given: the installation, a clock, patience with the register, storage for what they hand on."""

from collections.abc import Callable
from datetime import UTC, datetime

import dagster as dg

from orchestration.installation import Installation
from orchestration.population.persistence import Patience
from orchestration.settings import Settings

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock; tests give another one."""
    return datetime.now(UTC)


@dg.definitions
def resources() -> dg.Definitions:
    """Resources of the installation that the environment names."""
    settings = Settings.from_environ()
    return dg.Definitions(
        resources={
            "installation": Installation(settings),
            "clock": utc_now,
            "patience": Patience(),
            "io_manager": dg.FilesystemIOManager(base_dir=str(settings.dagster_home / "storage")),
        },
        executor=dg.in_process_executor,
    )
