"""From an answer as received to a verified Parquet segment, or to the faults that keep it from being believed.

Belongs here: what the contract demands of an answer, in SQL. What an answer means for a subject (its outcome) is the
business of the verification models.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.population.errors import AnswerFaulty
from orchestration.population.files import Rooms, inflate, make_durable, partial
from orchestration.population.ledger import Batch

_ROW_BYTES = 1024
"""No row of an answer is as long; an answer beyond that many bytes a row is not read to its end."""
_MEMORY = "512MB"

_READ = """
create temp table matched as
with asked as (
    select
        subject_id, batch_id, content_digest, asking,
        cast(subject_id as varchar) || if(asking = 0, '', '.' || asking) as row_ref
    from read_parquet($index)
),
answer as (
    select * from read_json(
        $answer,
        format = 'newline_delimited',
        columns = {
            'row_ref': 'VARCHAR', 'acknowledged': 'BOOLEAN', 'fitting': 'INTEGER', 'name': 'VARCHAR',
            'date_of_birth': 'VARCHAR', 'sex': 'VARCHAR', 'superseding_token': 'VARCHAR', 'error_code': 'VARCHAR'
        },
        maximum_object_size = 65536
    )
)
select a.* exclude (row_ref), r.* exclude (row_ref)
from asked a full join (select *, true as is_answer from answer) r using (row_ref)
"""

_FAULTS = """
select
    count(*) filter (where subject_id is not null and is_answer is null) as missing,
    count(*) filter (where subject_id is null) as never_asked,
    count(subject_id) - $asked as doubled,
    count(*) filter (where is_answer and (acknowledged is null or (fitting is null) = (error_code is null)))
        as unjudged,
    count(*) filter (
        where fitting not between 0 and 2
            or name not in ('equal', 'different', 'missing')
            or date_of_birth not in ('equal', 'different', 'missing', 'year_equal')
            or sex not in ('equal', 'different', 'missing')
            or not regexp_full_match(superseding_token, '[0-9A-Za-z_-]{16,128}')
            or not regexp_full_match(error_code, '[A-Z_]{1,64}')
    ) as invalid
from matched
"""
# A row asked once appears once for each of its answers, so rows beyond those asked are answers given again.
_FAULT_NAMES = (
    "rows asked without an answer",
    "answers to rows never asked",
    "rows answered more than once",
    "answers with neither or both of verdict and error code",
    "answers with values the contract does not know",
)

_SEGMENT = """
copy (
    select
        subject_id,
        batch_id,
        content_digest,
        asking,
        acknowledged as is_acknowledged,
        fitting as fitting_count,
        name as name_comparison,
        date_of_birth as date_of_birth_comparison,
        sex as sex_comparison,
        superseding_token,
        error_code,
        $answered_at::timestamptz as answered_at
    from matched
) to $target (format parquet, compression lz4)
"""


@dataclass(frozen=True)
class Settled:
    """Rows of a verified answer, and of them those with an error code instead of a verdict."""

    rows: int
    failed: int


def settle(rooms: Rooms, batch: Batch, answered_at: datetime) -> Settled:
    """Verify the answer that lies in ``rooms`` and write its segment durably.

    Every row asked is answered exactly once, none else is, all values are the contract's; otherwise raises
    :class:`AnswerFaulty` with a count of each fault.
    """
    plain = partial(rooms.answer(batch.batch_id))
    try:
        damage = inflate(rooms.answer(batch.batch_id), plain, (batch.row_count + 1) * _ROW_BYTES)
        if damage:
            raise AnswerFaulty(batch.batch_id, [damage])
        with duckdb.connect() as connection:
            connection.execute("set memory_limit = $limit", {"limit": _MEMORY})
            return _verified(connection, rooms, batch, plain, answered_at)
    finally:
        plain.unlink(missing_ok=True)


def _verified(
    connection: duckdb.DuckDBPyConnection, rooms: Rooms, batch: Batch, plain: Path, answered_at: datetime
) -> Settled:
    files = {"answer": str(plain), "index": str(rooms.index(batch.batch_id))}
    try:
        connection.execute(_READ, files)
    except duckdb.Error:
        raise AnswerFaulty(batch.batch_id, ["it is not NDJSON of the contract's rows"]) from None
    counts = connection.execute(_FAULTS, {"asked": batch.row_count}).fetchall()[0]
    faults = [f"{count} {name}" for count, name in zip(counts, _FAULT_NAMES, strict=True) if count]
    if faults:
        raise AnswerFaulty(batch.batch_id, faults)
    segment = rooms.segment(batch.batch_id)
    moment = answered_at.isoformat()
    connection.execute(_SEGMENT, {"answered_at": moment, "target": str(partial(segment))})
    make_durable(segment)
    return Settled(*connection.execute("select count(*), count(error_code) from matched").fetchall()[0])
