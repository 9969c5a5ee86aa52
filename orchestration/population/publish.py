"""Publishing the ledger into the warehouse: schema ``verification``, relations ``batches``, ``transfers``, ``answers``.

Belongs here: what models may read of the exchange. ``batches`` is a copy of the ledger; the other two are views over
the immutable files that the ledger vouches for, so that publishing costs nothing however much was exchanged.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import duckdb

from orchestration.population.files import Rooms, require
from orchestration.population.ledger import Batch, BatchState

_BATCHES = """
create or replace table verification.batches as
select
    unnest($batch_id::varchar[]) as batch_id,
    unnest($state::varchar[]) as state,
    unnest($row_count::bigint[]) as row_count,
    unnest($officer::varchar[]) as officer,
    unnest($prepared_at::timestamptz[]) as prepared_at,
    unnest($sent_at::timestamptz[]) as sent_at,
    unnest($acknowledged_at::timestamptz[]) as acknowledged_at,
    unnest($answered_at::timestamptz[]) as answered_at
"""
_COLUMNS = (
    "batch_id", "state", "row_count", "officer", "prepared_at", "sent_at", "acknowledged_at", "answered_at"
)  # fmt: skip
_TRANSFERS = """
create or replace view verification.transfers as
select i.subject_id, i.batch_id, cast(i.content_digest as uuid) as content_digest, i.asking, b.state as batch_state
from ($files) i join verification.batches b using (batch_id)
"""
# Files of earlier ledgers hold the digest as the text of its 32 hexadecimal digits.
_NO_INDEX = """
select
    cast(null as bigint) as subject_id, cast(null as varchar) as batch_id, cast(null as uuid) as content_digest,
    cast(null as integer) as asking
where false
"""
_ANSWERS = """
create or replace view verification.answers as
select
    subject_id, batch_id, cast(content_digest as uuid) as content_digest, asking, is_acknowledged, fitting_count,
    name_comparison, date_of_birth_comparison, sex_comparison, superseding_token, error_code, answered_at
from ($files)
"""
_NO_SEGMENT = """
select
    cast(null as bigint) as subject_id, cast(null as varchar) as batch_id, cast(null as uuid) as content_digest,
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
    told = {name: [getattr(batch, name) for batch in batches] for name in _COLUMNS}
    connection.execute(_BATCHES, told)
    connection.execute(_TRANSFERS.replace("$files", _parquet(indexes) or _NO_INDEX))
    connection.execute(_ANSWERS.replace("$files", _parquet(segments) or _NO_SEGMENT))


def _parquet(paths: Sequence[Path]) -> str:
    """SQL reading these files; a view takes no parameters, so the paths stand in it as quoted literals."""
    names = ", ".join("'" + str(path.resolve()).replace("'", "''") + "'" for path in paths)
    return f"from read_parquet([{names}])" if paths else ""
