"""`python -m tests.bench.days_follow import|follow HOME COUNTRY DAY…`: receive and import days, or follow them."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from orchestration import launch
from orchestration.garbage import collect_seldom
from orchestration.installation import Installation
from orchestration.settings import Settings
from orchestration.simulator.process import StandIn
from orchestration.stages.intake import import_increment, receive_increment


def main() -> None:
    """Do what the arguments say."""
    collect_seldom()
    verb, home, country, days = sys.argv[1], sys.argv[2], Path(sys.argv[3]), sys.argv[4:]
    settings = Settings.from_environ({"TIEMCHUNG_HOME": home})
    if verb == "import":
        installation = Installation(settings)
        for day in map(date.fromisoformat, days):
            receive_increment(installation, day, datetime.now(UTC))
            import_increment(installation, day)
        return
    with StandIn(country / "register.parquet") as stand_in:
        register = replace(settings.register, url=stand_in.url, token=stand_in.token)
        outcome = launch.run_increment(replace(settings, register=register), days[0], lambda *_: None)
    if not outcome.is_complete:
        raise SystemExit(f"The run is not complete: {outcome}")


if __name__ == "__main__":
    main()
