"""Publishing the ledger into the warehouse: schema ``verification``, relations ``batches``, ``transfers``, ``answers``.

Belongs here: what models may read of the exchange. ``batches`` is a copy of the ledger; the other two are views over
the immutable files that the ledger vouches for, so that publishing costs nothing however much was exchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from orchestration.population.files import Rooms, require
from orchestration.population.ledger import Batch, BatchState

_MOMENT = pa.timestamp("us", tz="UTC")
_BATCHES = pa.schema(
    [
        ("batch_id", pa.string()),
        ("state", pa.string()),
        ("row_count", pa.int64()),
        ("officer", pa.string()),
        ("prepared_at", _MOMENT),
        ("sent_at", _MOMENT),
        ("acknowledged_at", _MOMENT),
        ("answered_at", _MOMENT),
    ]
)

_TRANSFERS = """
create or replace view verification.transfers as
select i.subject_id, i.batch_id, i.content_digest, i.asking, b.state as batch_state
from ($files) i join verification.batches b using (batch_id)
"""
_NO_INDEX = """
select
    cast(null as bigint) as subject_id, cast(null as varchar) as batch_id, cast(null as varchar) as content_digest,
    cast(null as integer) as asking
where false
"""
_ANSWERS = """
create or replace view verification.answers as
select
    subject_id, batch_id, content_digest, asking, is_acknowledged, fitting_count, name_comparison,
    date_of_birth_comparison, sex_comparison, superseding_token, error_code, answered_at
from ($files)
"""
_NO_SEGMENT = """
select
    cast(null as bigint) as subject_id, cast(null as varchar) as batch_id, cast(null as varchar) as content_digest,
    cast(null as integer) as asking, cast(null as boolean) as is_acknowledged, cast(null as integer) as fitting_count,
    cast(null as varchar) as name_comparison, cast(null as varchar) as date_of_birth_comparison,
    cast(null as varchar) as sex_comparison, cast(null as varchar) as superseding_token,
    cast(null as varchar) as error_code, cast(null as timestamptz) as answered_at
where false
"""


class HoldsBatches(Protocol):
    """A ledger, or what one was at an earlier time."""

    def batches(self) -> tuple[Batch, ...]:
        """All its batches."""


def publish(connection: duckdb.DuckDBPyConnection, ledger: HoldsBatches, folder: Path) -> None:
    """Create ``verification.batches``, ``transfers`` and ``answers`` anew; empty ones when nothing was prepared.

    Raises :class:`LedgerError` when a file that the ledger vouches for is gone: nothing is ever left out silently.
    """
    rooms, batches = Rooms(folder), ledger.batches()
    indexes = [rooms.index(batch.batch_id) for batch in batches]
    segments = [rooms.segment(batch.batch_id) for batch in batches if batch.state is BatchState.ANSWERED]
    require([*indexes, *segments])
    connection.execute("create schema if not exists verification")
    connection.register("ledger_batches", _table(batches))
    connection.execute("create or replace table verification.batches as select * from ledger_batches")
    connection.unregister("ledger_batches")
    connection.execute(_TRANSFERS.replace("$files", _parquet(indexes) or _NO_INDEX))
    connection.execute(_ANSWERS.replace("$files", _parquet(segments) or _NO_SEGMENT))


def _table(batches: Sequence[Batch]) -> pa.Table:
    return pa.Table.from_pylist(
        [{name: getattr(batch, name) for name in _BATCHES.names} for batch in batches], _BATCHES
    )


def _parquet(paths: Sequence[Path]) -> str:
    """SQL reading these files; a view takes no parameters, so the paths stand in it as quoted literals."""
    names = ", ".join("'" + str(path.resolve()).replace("'", "''") + "'" for path in paths)
    return f"from read_parquet([{names}])" if paths else ""
