"""What the register refused on one installation, with its addresses; and asking it once more, by order.

Reads as :mod:`register_accounts` does; only :func:`ask_again` writes, and that to the ledger's outbox alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from orchestration.errors import UsageError
from orchestration.installation import Installation
from orchestration.population.ledger import BatchState
from orchestration.population.outbox import Outbox, prepare
from orchestration.population.remedies import BATCH_REMEDIES, ROW_REMEDIES
from orchestration.population.vendor_log import Address
from orchestration.stages.exchange import caller, ledger_alone, rows_wanted
from orchestration.stages.register_accounts import accounts, addresses_of

_LATEST = """
create temp view latest as
select a.subject_id, a.error_code
from verification.answers a
semi join verification.int_requests r using (subject_id, content_digest)
where a.subject_id in (select subject_id from verification.answers where error_code is not null)
qualify row_number() over (partition by subject_id order by asking desc, batch_id desc) = 1
"""
_REFUSED = """
select error_code, count(*) from latest where error_code is not null group by error_code order by 2 desc, 1
"""
_REFUSED_ROWS = """
select s._delivery, s._table, s._row
from latest join cleansing.int_subjects s using (subject_id)
where error_code = $code order by all limit $limit
"""


@dataclass(frozen=True)
class RefusedRows:
    """Rows whose latest answer is this code, and some of their addresses."""

    code: str
    rows: int
    addresses: tuple[Address, ...]


@dataclass(frozen=True)
class RefusedBatches:
    """Batches that were refused as a whole with this code, and the rows in them."""

    code: str
    batches: int
    rows: int


def refused_counts(installation: Installation) -> dict[str, int]:
    """Rows whose latest answer is an error code, by code."""
    with accounts(installation) as (connection, _):
        connection.execute(_LATEST)
        return dict(connection.execute(_REFUSED).fetchall())


def refused_rows(
    installation: Installation, limit: int
) -> tuple[tuple[RefusedRows, ...], tuple[RefusedBatches, ...]]:
    """The dead letters: rows by code, and batches refused as a whole."""
    with accounts(installation) as (connection, reading):
        connection.execute(_LATEST)
        rows = tuple(
            RefusedRows(code, count, addresses_of(connection, _REFUSED_ROWS, {"code": code, "limit": limit}))
            for code, count in connection.execute(_REFUSED).fetchall()
        )
        failed = reading.ledger.batches(BatchState.FAILED)
    codes = sorted({batch.error_code or "NO_CODE" for batch in failed})
    sizes = {code: [b.row_count for b in failed if (b.error_code or "NO_CODE") == code] for code in codes}
    return rows, tuple(RefusedBatches(code, len(sizes[code]), sum(sizes[code])) for code in codes)


def ask_again(installation: Installation, code: str, clock: Callable[[], datetime]) -> Outbox:
    """Put what was refused with ``code`` and has not changed since into the outbox once more; asks nobody.

    For rows that were refused for the register's own reasons: what is wrong at its source is asked anew by itself
    once it was corrected. Raises :class:`UsageError` for a code that no row is refused with.
    """
    if code not in ROW_REMEDIES:
        known = ", ".join(ROW_REMEDIES)
        raise UsageError(
            f"{code} is a code of whole batches: their rows are asked again by the next run without an order."
            if code in BATCH_REMEDIES
            else f"No row is refused with that code; give one of {known}."
        )
    settings = installation.settings
    with accounts(installation) as (connection, _), ledger_alone(installation) as ledger:
        return prepare(
            connection,
            ledger,
            settings.ledger_folder,
            asked_as=caller(installation),
            batch_rows=rows_wanted(installation),
            clock=clock,
            refused_with=code,
        )
