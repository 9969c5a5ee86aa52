"""What assets are given: the installation, dbt, a clock, storage for what assets hand to each other."""

from collections.abc import Callable
from datetime import UTC, datetime

import dagster as dg

from orchestration.installation import Installation
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
            "io_manager": dg.FilesystemIOManager(base_dir=str(settings.dagster_home / "storage")),
        },
        executor=dg.in_process_executor,
    )
