"""The exchange with the register: requests out of the warehouse into batches, answers back into the warehouse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from orchestration.installation import Installation
from orchestration.population.caller import Caller
from orchestration.population.client import RegisterClient
from orchestration.population.errors import RegisterError
from orchestration.population.ledger import Ledger
from orchestration.population.outbox import Outbox, prepare
from orchestration.population.pace import Hours, Pace
from orchestration.population.publish import publish
from orchestration.population.transfer import send_open
from orchestration.warehouse.relations import row_count

BATCH_ROWS = 250_000
IN_FLIGHT = 2
"""One batch is with the register while the answer to another is verified here; more helped nothing on two cores."""
PURPOSE = "lam-sach-du-lieu-tiem-chung"
Clock = Callable[[], datetime]


def prepare_requests(installation: Installation, clock: Clock) -> Outbox:
    """Write batches of all subjects that are to be asked and were not answered yet."""
    settings = installation.settings
    with Ledger.open(settings.ledger_url) as ledger, installation.warehouse.connect() as connection:
        publish(connection, ledger, settings.ledger_folder)
        return prepare(
            connection,
            ledger,
            settings.ledger_folder,
            asked_as=_caller(installation),
            batch_rows=BATCH_ROWS,
            clock=clock,
        )


def exchange_with_register(installation: Installation, clock: Clock) -> dict[str, int]:
    """Send open batches, keep the answers, publish both; returns rows of the three published relations.

    Raises :class:`RegisterError` when the register is not configured, is down or answers against its contract;
    batches that were not answered go out again with the same key.
    """
    settings = installation.settings
    if settings.register.url is None or settings.register.token is None:
        raise RegisterError(
            "No register is configured; set TIEMCHUNG_REGISTER_URL and TIEMCHUNG_REGISTER_TOKEN, "
            "or start the stand-in with `tiemchung register serve`."
        )
    with Ledger.open(settings.ledger_url) as ledger:
        with RegisterClient(settings.register.url, settings.register.token, _caller(installation)) as client:
            send_open(
                ledger,
                client,
                settings.ledger_folder,
                clock=clock,
                in_flight=IN_FLIGHT,
                pace=_pace(installation),
            )
        with installation.warehouse.connect() as connection:
            publish(connection, ledger, settings.ledger_folder)
            return {
                name: row_count(connection, "verification", name)
                for name in ("batches", "transfers", "answers")
            }


def _pace(installation: Installation) -> Pace:
    register = installation.settings.register
    return Pace(register.rows_per_second, Hours.parsed(register.hours) if register.hours else None)


def _caller(installation: Installation) -> Caller:
    register = installation.settings.register
    return Caller(agency=register.agency, unit=register.unit, officer=register.officer, purpose=PURPOSE)
