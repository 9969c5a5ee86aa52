"""The accounts of the exchange on one installation: what is to be asked, and whether all sides agree.

Everything here only reads: the warehouse is attached read-only, the ledger opened read-only, and what the ledger
publishes is published into memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.population.forecast import Forecast, foresee
from orchestration.population.publish import publish
from orchestration.population.reading import Reading, read_ledger
from orchestration.population.reconciliation import DayComparison, Verdict, compare, exchanged
from orchestration.population.statistics import Statistics, fetch, read
from orchestration.population.vendor_log import Address, LogDay, compare_log
from orchestration.stages.exchange import rows_wanted

_SOURCES = (
    ("verification", "int_requests"),
    ("cleansing", "int_subjects"),
    ("staging", "stg_vendor__sync_log"),
)
_VERDICTS = """
select
    batch_id, count(error_code), count(*) filter (where fitting_count = 1),
    count(*) filter (where fitting_count = 2)
from verification.answers group by batch_id
"""
_BATCH_ROWS = """
select s._delivery, s._table, s._row
from verification.transfers t join cleansing.int_subjects s using (subject_id)
where list_contains($batch_ids, t.batch_id) order by all limit $limit
"""


@dataclass(frozen=True)
class Reconciliation:
    """Our ledger beside the register by day; the vendor's log beside what was asked. ``log`` is None without a log."""

    register: tuple[DayComparison, ...]
    register_addresses: tuple[tuple[Address, ...], ...]
    log: tuple[LogDay, ...] | None

    @property
    def is_settled(self) -> bool:
        """Whether everything is equal or explained; a log that was not delivered settles nothing."""
        verdicts = [day.verdict for day in self.register] + [day.verdict for day in self.log or ()]
        return self.log is not None and Verdict.UNEXPLAINED not in verdicts


def plan_requests(installation: Installation) -> Forecast:
    """What the next preparation would write and the next exchange would send."""
    with accounts(installation) as (connection, reading):
        return foresee(connection, reading.ledger, rows_wanted(installation))


def reconcile(installation: Installation, statistics: Path | None, limit: int) -> Reconciliation:
    """Set the three sides beside each other; at most ``limit`` addresses for each difference."""
    told = _statistics(installation, statistics)
    with accounts(installation) as (connection, reading):
        verdicts = {batch_id: tuple(counts) for batch_id, *counts in connection.execute(_VERDICTS).fetchall()}
        days = compare(exchanged(reading.ledger.batches(), reading.attempts, verdicts), told)
        addresses = tuple(
            addresses_of(connection, _BATCH_ROWS, {"batch_ids": list(day.batch_ids), "limit": limit})
            for day in days
        )
        log = compare_log(connection, limit) if _has(connection, "staging", "stg_vendor__sync_log") else None
    return Reconciliation(days, addresses, log)


def _statistics(installation: Installation, file: Path | None) -> Statistics:
    if file is not None:
        return read(file)
    register = installation.settings.register
    if register.url is None or register.token is None:
        raise UsageError(
            "No register is configured; set TIEMCHUNG_REGISTER_URL and TIEMCHUNG_REGISTER_TOKEN, "
            "or give its statistics as a file with --statistics."
        )
    return fetch(register.url, register.token, register.authorities)


@contextmanager
def accounts(installation: Installation) -> Iterator[tuple[duckdb.DuckDBPyConnection, Reading]]:
    """The warehouse's relations and the ledger's publication of this moment, both out of a connection in memory."""
    settings = installation.settings
    with installation.warehouse.beside() as connection, read_ledger(settings.ledger_url) as reading:
        home = settings.warehouse.stem.replace('"', '""')
        for schema, name in _SOURCES:
            connection.execute(f"create schema if not exists {schema}")
            if _has(connection, schema, name):
                connection.execute(f'create view {schema}.{name} as from "{home}".{schema}.{name}')
        if not _has(connection, "verification", "int_requests", in_memory=True):
            raise UsageError("The warehouse holds no requests yet; let `tiemchung run` build them first.")
        publish(connection, reading.ledger, settings.ledger_folder)
        yield connection, reading


def _has(connection: duckdb.DuckDBPyConnection, schema: str, name: str, *, in_memory: bool = False) -> bool:
    query = """
        select 1 from information_schema.tables
        where table_schema = $schema and table_name = $name and (not $in_memory or table_catalog = 'memory')
    """
    return bool(
        connection.execute(query, {"schema": schema, "name": name, "in_memory": in_memory}).fetchall()
    )


def addresses_of(
    connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]
) -> tuple[Address, ...]:
    """Delivery, table and row of what ``query`` finds."""
    rows: Sequence[tuple[str, str, int]] = connection.execute(query, values).fetchall()
    return tuple((delivery, table, number) for delivery, table, number in rows)
