"""`python -m tests.bench.days_follow import|follow HOME DAY…`: receive and import days, or follow them."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime

from orchestration import launch
from orchestration.garbage import collect_seldom
from orchestration.installation import Installation
from orchestration.settings import Settings
from orchestration.stages.intake import import_increment, receive_increment

REGISTER = ("TIEMCHUNG_REGISTER_URL", "TIEMCHUNG_REGISTER_TOKEN")


def main() -> None:
    """Do what the arguments say."""
    collect_seldom()
    verb, home, *days = sys.argv[1:]
    register = {name: os.environ[name] for name in REGISTER if name in os.environ}
    settings = Settings.from_environ({"TIEMCHUNG_HOME": home} | register)
    if verb == "import":
        installation = Installation(settings)
        for day in map(date.fromisoformat, days):
            receive_increment(installation, day, datetime.now(UTC))
            import_increment(installation, day)
        return
    outcome = launch.run_increment(settings, days[0], lambda *_: None)
    if not outcome.is_complete:
        raise SystemExit(f"The run is not complete: {outcome}")


if __name__ == "__main__":
    main()
