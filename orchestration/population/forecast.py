"""What a preparation would ask and what an exchange would send, counted without writing anything.

Needs the requests and the published ledger in schema ``verification``; the selection is the outbox's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from orchestration.population.ledger import OPEN, Ledger
from orchestration.population.outbox import TO_ASK, rows_a_batch

_KINDS = """
with to_ask as ($to_ask),
failed as (
    select distinct subject_id, content_digest from verification.transfers where batch_state = 'failed'
),
in_batches as (select distinct subject_id from verification.transfers where batch_state <> 'failed')
select
    count(*),
    count(*) filter (where f.subject_id is not null),
    count(*) filter (where f.subject_id is null and k.subject_id is not null),
    count(*) filter (where f.subject_id is null and k.subject_id is null)
from to_ask
left join failed f using (subject_id, content_digest)
left join in_batches k on k.subject_id = to_ask.subject_id
"""


@dataclass(frozen=True)
class OpenBatch:
    """A batch that the next exchange takes up again, under the same key."""

    batch_id: str
    state: str
    rows: int


@dataclass(frozen=True)
class Forecast:
    """Subjects to ask by why, the sizes of the new batches, and the batches that are open already."""

    to_ask: int
    never_asked: int
    changed: int
    failed_before: int
    new_batches: tuple[int, ...]
    open_batches: tuple[OpenBatch, ...]

    def seconds(self, rows_per_second: int) -> float:
        """How long the exchange takes at a rate; what is acknowledged already need not be sent."""
        waiting = sum(batch.rows for batch in self.open_batches if batch.state != "acknowledged")
        return (self.to_ask + waiting) / rows_per_second


def foresee(connection: duckdb.DuckDBPyConnection, ledger: Ledger, batch_rows: int) -> Forecast:
    """Count what is to be asked. A subject counts once: failed before, else changed since asked, else never asked."""
    total, failed, changed, new = connection.execute(_KINDS.replace("$to_ask", TO_ASK)).fetchall()[0]
    step = rows_a_batch(batch_rows, ledger)
    sizes = tuple(min(step, total - first) for first in range(0, total, step))
    waiting = tuple(
        OpenBatch(batch.batch_id, batch.state.value, batch.row_count) for batch in ledger.batches(*OPEN)
    )
    return Forecast(total, new, changed, failed, sizes, waiting)
