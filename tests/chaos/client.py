"""One exchange by the client alone, to be killed at any moment."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb

from orchestration.population.caller import Caller
from orchestration.population.client import RegisterClient
from orchestration.population.ledger import Ledger
from orchestration.population.outbox import prepare
from orchestration.population.persistence import Patience
from orchestration.population.publish import publish
from orchestration.population.transfer import send_open

CALLER = Caller("BYT", "BYT-CNTT", "CB01", "thu-tai-nan")
PATIENCE = Patience(
    connect=1,
    read=5,
    whole=10,
    poll=0.01,
    sendings=4,
    pause=0.02,
    failures_to_rest=6,
    rest=0.1,
    longest_rest=0.2,
    outage=2,
)
BATCH_ROWS = 20


def now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def main(home: str, url: str, token: str) -> None:
    """Prepare, send, publish."""
    folder = Path(home) / "ledger"
    with (
        Ledger.open(f"sqlite:///{home}/ledger.sqlite") as ledger,
        duckdb.connect(f"{home}/warehouse.duckdb") as connection,
    ):
        prepare(connection, ledger, folder, asked_as=CALLER, batch_rows=BATCH_ROWS, clock=now)
        with RegisterClient(url, token, CALLER, PATIENCE) as client:
            send_open(ledger, client, folder, clock=now, in_flight=2)
        publish(connection, ledger, folder)
