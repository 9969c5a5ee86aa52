"""The exchange with the register: requests out of the warehouse into batches, answers back into the warehouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from orchestration.installation import Installation
from orchestration.population.caller import Caller
from orchestration.population.client import RegisterClient
from orchestration.population.errors import ExchangeIncomplete, RegisterError
from orchestration.population.files import Rooms
from orchestration.population.ledger import Ledger
from orchestration.population.outbox import Outbox, prepare
from orchestration.population.pace import Hours, Pace, Rates
from orchestration.population.persistence import Patience
from orchestration.population.publish import publish
from orchestration.population.reception import OnWait
from orchestration.population.sizing import BATCH_ROWS
from orchestration.population.transfer import IN_FLIGHT, send_open
from orchestration.warehouse.relations import row_count

_CUTS = 8
"""How often batches that were found too large are cut anew in one exchange; each halves them at least."""
PURPOSE = "lam-sach-du-lieu-tiem-chung"
Clock = Callable[[], datetime]


def prepare_requests(installation: Installation, clock: Clock) -> Outbox:
    """Write batches of all subjects that are to be asked and were not answered yet."""
    with ledger_alone(installation) as ledger:
        return _prepare(installation, ledger, clock)


def exchange_with_register(
    installation: Installation,
    clock: Clock,
    patience: Patience | None = None,
    on_wait: OnWait | None = None,
) -> dict[str, int]:
    """Send open batches, keep the answers, publish both; returns rows of the three published relations.

    Raises :class:`RegisterError` when the register is not configured, is down or answers against its contract;
    batches that were not answered go out again with the same key. Batches that the register finds too large are cut
    anew and sent at once.
    """
    settings = installation.settings
    with ledger_alone(installation) as ledger:
        with _client(installation, patience) as client:
            for are_cuts_left in (*[True] * _CUTS, False):
                try:
                    _send(installation, ledger, client, clock, on_wait)
                except ExchangeIncomplete as incomplete:
                    if not (are_cuts_left and incomplete.is_of_size):
                        raise
                    _prepare(installation, ledger, clock)
                else:
                    break
        with installation.warehouse.connect() as connection:
            publish(connection, ledger, settings.ledger_folder)
            return {
                name: row_count(connection, "verification", name)
                for name in ("batches", "transfers", "answers")
            }


@contextmanager
def ledger_alone(installation: Installation) -> Iterator[Ledger]:
    """The ledger, for this run alone; raises :class:`LedgerError` where another run has it."""
    settings = installation.settings
    with Rooms(settings.ledger_folder).alone(), Ledger.open(settings.ledger_url) as ledger:
        yield ledger


def _prepare(installation: Installation, ledger: Ledger, clock: Clock) -> Outbox:
    folder = installation.settings.ledger_folder
    with installation.warehouse.connect() as connection:
        publish(connection, ledger, folder)
        return prepare(
            connection,
            ledger,
            folder,
            asked_as=caller(installation),
            batch_rows=rows_wanted(installation),
            clock=clock,
        )


def rows_wanted(installation: Installation) -> int:
    """Rows of a batch, before the register's limits and what sendings have taught."""
    return min(BATCH_ROWS, installation.settings.register.rows_per_day or BATCH_ROWS)


def _send(
    installation: Installation, ledger: Ledger, client: RegisterClient, clock: Clock, on_wait: OnWait | None
) -> None:
    send_open(
        ledger,
        client,
        installation.settings.ledger_folder,
        clock=clock,
        in_flight=IN_FLIGHT,
        pace=_pace(installation),
        on_wait=on_wait,
    )


def _client(installation: Installation, patience: Patience | None) -> RegisterClient:
    register = installation.settings.register
    if register.url is None or register.token is None:
        raise RegisterError(
            "No register is configured; set TIEMCHUNG_REGISTER_URL and TIEMCHUNG_REGISTER_TOKEN, "
            "or start the stand-in with `tiemchung register serve`."
        )
    return RegisterClient(
        register.url, register.token, caller(installation), patience, authorities=register.authorities
    )


def _pace(installation: Installation) -> Pace:
    register = installation.settings.register
    rates = Rates(register.rows_per_second, register.rows_per_day)
    return Pace(rates, Hours.parsed(register.hours) if register.hours else None)


def caller(installation: Installation) -> Caller:
    """Who asks, as the settings say, and why."""
    register = installation.settings.register
    return Caller(agency=register.agency, unit=register.unit, officer=register.officer, purpose=PURPOSE)
