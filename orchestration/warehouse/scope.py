"""Which sealed packages a state of the warehouse is made of: one delivery and the increments after it, up to a day.

A state is a function of its scope: the same scope gives the same rows, in whatever order packages arrived.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import duckdb

from handover.days import Day, Standing, row_of_days, snapshot_day
from handover.findings import catalogue
from handover.sealed import SealedDelivery
from orchestration.warehouse.errors import WarehouseError


class ScopeError(WarehouseError):
    """The packages in the vault do not make an unbroken row of days."""


@dataclass(frozen=True)
class Scope:
    """``as_of`` is the last day whose rows count; ``increments`` are in the order of their days, without a hole."""

    as_of: date
    baseline: SealedDelivery
    increments: tuple[SealedDelivery, ...]

    @property
    def packages(self) -> tuple[SealedDelivery, ...]:
        """The baseline first, then each day."""
        return (self.baseline, *self.increments)


def scope_of(
    baseline: SealedDelivery, packages: Iterable[SealedDelivery], as_of: date | None = None
) -> Scope:
    """The scope of ``baseline`` as of a day (default: its snapshot's day), from the ``packages`` received.

    Raises :class:`ScopeError` naming the first day up to ``as_of`` that does not stand, or was not imported yet.
    """
    start = snapshot_day(baseline)
    end = as_of or start
    if end < start:
        raise ScopeError(
            f"As of {end} is before the delivery's snapshot of {start}; choose {start} or a later day."
        )
    increments = []
    for day in row_of_days(baseline, packages).until(end):
        if day.standing is not Standing.SOUND or day.package is None:
            raise ScopeError(told(day))
        if not day.package.is_accepted:
            raise ScopeError(
                f"The increment of {day.day} was received and not imported yet; import it first."
            )
        increments.append(day.package)
    return Scope(end, baseline, tuple(increments))


def told(day: Day) -> str:
    """Why a day does not count, in a sentence with its findings' ids and what to do."""
    if day.standing is Standing.MISSING:
        return (
            f"No increment was received for {day.day} (HND-DAY-01); receive it first, or report as of the day "
            "before it."
        )
    kinds = [catalogue()[each] for each in day.findings if catalogue()[each].severity.spoils]
    reasons = "; ".join(f"{kind.id} {kind.en[0].lower()}{kind.en[1:]}: {kind.remedy}" for kind in kinds)
    return f"The increment of {day.day} does not count: {reasons} The days before it are not touched."


def record_scope(connection: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Write the scope into the warehouse (``raw.scope``): whatever is derived later says what it was derived from.

    Each time has a number of its own, so that what was judged before it is known to be of earlier rows.
    """
    connection.execute("create schema if not exists raw")
    connection.execute("create sequence if not exists raw.import_numbers")
    connection.execute(
        "create or replace table raw.scope"
        " (package varchar, kind varchar, covers_on date, bag_sha256 varchar, as_of date, import_number bigint)"
    )
    connection.executemany(
        "insert into raw.scope values (?, ?, ?, ?, ?, null)",
        [[p.id, p.kind.value, p.declaration.covers_on, p.bag_sha256, scope.as_of] for p in scope.packages],
    )
    connection.execute("update raw.scope set import_number = (select nextval('raw.import_numbers'))")


def recorded_import(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of the import the warehouse stands on; 0 where an older version of the platform recorded the scope."""
    recorded_as_of(connection)
    connection.execute("alter table raw.scope add column if not exists import_number bigint default 0")
    row = connection.execute("select max(import_number) from raw.scope").fetchone()
    return int(row[0]) if row else 0


def recorded_as_of(connection: duckdb.DuckDBPyConnection) -> date:
    """The day the warehouse stands at; raises :class:`WarehouseError` when no delivery was imported."""
    known = connection.execute(
        "select count(*) from duckdb_tables() where schema_name = 'raw' and table_name = 'scope'"
    ).fetchone()
    row = (
        connection.execute("select any_value(as_of) from raw.scope").fetchone()
        if known and known[0]
        else None
    )
    if row is None or row[0] is None:
        raise WarehouseError("No delivery was imported into this warehouse; run `tiemchung run` first.")
    as_of: date = row[0]
    return as_of


def recorded_packages(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Ids of the packages the warehouse stands on, the delivery first, then its increments by day."""
    rows = connection.execute("select package from raw.scope order by covers_on nulls first").fetchall()
    return [package for (package,) in rows]
