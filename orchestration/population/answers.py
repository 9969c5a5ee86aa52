"""From an answer as received to a verified Parquet segment, or to the faults that keep it from being believed.

Belongs here: what the contract demands of an answer, in SQL. What an answer means for a subject (its outcome) is the
business of the verification models.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from orchestration.population.errors import AnswerFaulty
from orchestration.population.files import Rooms, damage, make_durable, partial
from orchestration.population.ledger import Batch
from orchestration.population.remedies import ROW_REMEDIES

_ROW_BYTES = 1024
"""No row of an answer is as long; an answer beyond that many bytes a row is not read to its end."""
_MEMORY = "512MB"

_SEGMENT = """
copy (
    with asked as (
        select
            subject_id, batch_id, content_digest, asking, coalesce(number_kind <> 'without_id', true) as has_number,
            cast(subject_id as varchar) || if(asking = 0, '', '.' || asking) as asked_ref
        from read_parquet($index)
    ),
    answer as (
        select *, true as is_answer from read_json(
            $answer,
            format = 'newline_delimited',
            compression = 'gzip',
            columns = {
                'row_ref': 'VARCHAR', 'acknowledged': 'BOOLEAN', 'fitting': 'DOUBLE', 'name': 'VARCHAR',
                'date_of_birth': 'VARCHAR', 'sex': 'VARCHAR', 'superseding_token': 'VARCHAR', 'error_code': 'VARCHAR'
            },
            maximum_object_size = 65536
        )
    ),
    matched as ($matched)
    select
        subject_id,
        batch_id,
        content_digest,
        asking,
        acknowledged as is_acknowledged,
        case when fitting in (0, 1, 2) then cast(fitting as integer) when fitting is not null then -1 end
            as fitting_count,
        case
            when has_number and fitting = 1 and name is null then 'omitted'
            when not has_number and name is not null then 'uncalled for'
            else name
        end as name_comparison,
        date_of_birth as date_of_birth_comparison,
        sex as sex_comparison,
        superseding_token,
        error_code,
        case when is_answer then $answered_at::timestamptz end as answered_at
    from matched
) to $target (format parquet, parquet_version v2, compression lz4, dictionary_size_limit 1000)
"""
# Without the limit a dictionary of all digests is begun, and given up.
# A comparison that was left out must not count as one that failed, one without a number not as one: neither word is the
# contract's. Read as whole numbers, persons that fit would be rounded.
_IN_THE_ORDER_ASKED = """
select * replace (if(row_ref = asked_ref, subject_id, null) as subject_id) from asked positional join answer
"""
_IN_ANY_ORDER = "select * from asked full join answer on row_ref = asked_ref"
"""Costs half as much again; the contract allows any order, a register seldom takes the trouble to change it."""

_FAULTS = """
select
    count(*) filter (where subject_id is not null and answered_at is null) as missing,
    count(*) filter (where subject_id is null) as never_asked,
    count(subject_id) - $asked as doubled,
    count(*) filter (
        where answered_at is not null
            and (
                is_acknowledged is null
                or (fitting_count is null) = (error_code is null)
                or not is_acknowledged and error_code is null
            )
    ) as unjudged,
    count(*) filter (
        where fitting_count not between 0 and 2
            or name_comparison not in ('equal', 'different', 'missing')
            or date_of_birth_comparison not in ('equal', 'different', 'missing', 'year_equal')
            or sex_comparison not in ('equal', 'different', 'missing')
            or not regexp_full_match(superseding_token, '[0-9A-Za-z_-]{16,128}')
            or error_code not in $codes
            or (fitting_count is distinct from 1 or name_comparison is null) and coalesce(
                name_comparison, date_of_birth_comparison, sex_comparison, superseding_token
            ) is not null
            or name_comparison is not null and (date_of_birth_comparison is null or sex_comparison is null)
    ) as invalid,
    count(error_code) as failed
from read_parquet($segment)
"""
# A row asked once appears once for each of its answers, so rows beyond those asked are answers given again.
_FAULT_NAMES = (
    "rows asked without an answer",
    "answers to rows never asked",
    "rows answered more than once",
    "answers with neither or both of verdict and error code",
    "answers with values the contract does not know",
)


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
    answer, segment = rooms.answer(batch.batch_id), rooms.segment(batch.batch_id)
    wrong = damage(answer, (batch.row_count + 1) * _ROW_BYTES)
    if wrong:
        raise AnswerFaulty(batch.batch_id, [wrong])
    files = {
        "answer": str(answer),
        "index": str(rooms.index(batch.batch_id)),
        "target": str(partial(segment)),
    }
    try:
        with duckdb.connect() as connection:
            connection.execute("set memory_limit = $limit", {"limit": _MEMORY})
            failed = _written(connection, batch, files, answered_at)
        make_durable(segment)
    finally:
        partial(segment).unlink(missing_ok=True)
    return Settled(batch.row_count, failed)


def _written(
    connection: duckdb.DuckDBPyConnection, batch: Batch, files: dict[str, str], answered_at: datetime
) -> int:
    """Write the segment, first taking the answers to be in the order asked; returns the rows with an error code."""
    faults: list[str] = []
    for matched in (_IN_THE_ORDER_ASKED, _IN_ANY_ORDER):
        try:
            connection.execute(
                _SEGMENT.replace("$matched", matched), {**files, "answered_at": answered_at.isoformat()}
            )
        except duckdb.IOException:
            raise
        except duckdb.Error:
            raise AnswerFaulty(batch.batch_id, ["it is not NDJSON of the contract's rows"]) from None
        told = {"segment": files["target"], "asked": batch.row_count, "codes": list(ROW_REMEDIES)}
        *counts, failed = connection.execute(_FAULTS, told).fetchall()[0]
        faults = [f"{count} {name}" for count, name in zip(counts, _FAULT_NAMES, strict=True) if count]
        if not faults:
            return int(failed)
    raise AnswerFaulty(batch.batch_id, faults)
