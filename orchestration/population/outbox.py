"""The outbox: from the requests in the warehouse to batches on disk and in the ledger. Sends nothing.

Asked is every subject of ``verification.int_requests`` whose asked fields (``content_digest``) are in no batch that
is open or answered; and, when somebody orders it, what the register refused with a code. What is asked for the second
time bears its ``asking`` (1, 2, …) in its row reference, so that it is another question. Batches are sorted by number,
so that the register reads neighbouring rows together, and are named by the SHA-256 of their content: the same requests,
cut again after an interruption, give the same batches.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from orchestration.population.caller import Caller
from orchestration.population.files import Rooms, compress, make_durable, partial, room_to_write
from orchestration.population.ledger import Batch, BatchState, Ledger
from orchestration.population.publish import publish
from orchestration.population.sizing import LATEST, learnt_rows

_ROW_BYTES = 512
"""Room reckoned for one row of NDJSON; ours take about 190 bytes, a long name some 60 more."""

_WRITERS = 2
"""Batches written side by side: DuckDB writes the rows of one batch on one core."""

TO_ASK = """
select
    r.subject_id, r.content_digest, 0 as asking, r.so_dinh_danh, r.so_cmnd, r.ho_va_ten,
    r.ngay_thang_nam_sinh, r.gioi_tinh, r.ma_tinh
from verification.int_requests r
anti join (select subject_id, content_digest from verification.transfers where batch_state <> 'failed') t
    using (subject_id, content_digest)
"""
"""What is to be asked and is in no open or answered batch; the dry run counts the same."""
TO_ASK_AGAIN = """
with asked as (
    select subject_id, content_digest, max(asking) as asking
    from verification.transfers where batch_state <> 'failed' group by all
),
latest as (
    select a.subject_id, a.content_digest, a.asking, a.error_code
    from verification.answers a
    semi join asked using (subject_id, content_digest, asking)
    where a.error_code = $code
)
select
    r.subject_id, r.content_digest, latest.asking + 1 as asking, r.so_dinh_danh, r.so_cmnd, r.ho_va_ten,
    r.ngay_thang_nam_sinh, r.gioi_tinh, r.ma_tinh
from verification.int_requests r join latest using (subject_id, content_digest)
"""
"""What was refused with a code when it was asked last, has not changed since and is in no open batch."""
_PENDING = """
create table outbox.pending as from ($rows)
order by so_dinh_danh nulls last, so_cmnd nulls last, ngay_thang_nam_sinh, ma_tinh, subject_id
"""

_BODY = """
copy (
    select
        cast(subject_id as varchar) || if(asking = 0, '', '.' || asking) as "row_ref",
        so_dinh_danh as "SoDinhDanh",
        so_cmnd as "SoCMND",
        ho_va_ten as "HoVaTen",
        ngay_thang_nam_sinh as "NgayThangNamSinh",
        gioi_tinh as "GioiTinh",
        ma_tinh as "MaTinh"
    from outbox.pending
    where rowid >= $first and rowid < $beyond
    order by rowid
) to $target (format json)
"""

_INDEX = """
copy (
    select
        subject_id, content_digest, asking, $batch_id as batch_id,
        case when so_dinh_danh is not null then 'cccd12' when so_cmnd is not null then 'cmnd9' else 'without_id' end
            as number_kind,
        ma_tinh as province_code
    from outbox.pending
    where rowid >= $first and rowid < $beyond
    order by rowid
) to $target (format parquet, compression lz4)
"""


@dataclass(frozen=True)
class Outbox:
    """What a preparation added: batches, and the rows in them."""

    batches: int
    rows: int


def prepare(
    connection: duckdb.DuckDBPyConnection,
    ledger: Ledger,
    folder: Path,
    *,
    asked_as: Caller,
    batch_rows: int,
    clock: Callable[[], datetime],
    refused_with: str | None = None,
) -> Outbox:
    """Write batches of everything that is to be asked and is in no open or answered batch; asks nobody.

    ``refused_with`` instead takes what the register refused with this code when it was asked last. ``batch_rows`` is
    bounded by the limits the register announced last and by what sendings taught. Raises :class:`LedgerError`.
    """
    rooms = Rooms(folder)
    rooms.make()
    publish(connection, ledger, folder)
    known = {batch.batch_id for batch in ledger.batches()}
    rooms.sweep(known.__contains__)
    query, values = (TO_ASK, {}) if refused_with is None else (TO_ASK_AGAIN, {"code": refused_with})
    with _scratch(connection):
        connection.execute(_PENDING.replace("$rows", query), values)
        total = int(connection.execute("select count(*) from outbox.pending").fetchall()[0][0])
        step = rows_a_batch(batch_rows, ledger)

        def written(first: int) -> Batch:
            with connection.cursor() as cursor, room_to_write():
                return _write(cursor, rooms, first, min(first + step, total), asked_as, clock())

        with ThreadPoolExecutor(_WRITERS, thread_name_prefix="outbox") as writers:
            for batch in writers.map(written, range(0, total, step)):
                ledger.prepare(batch)
    if total:
        publish(connection, ledger, folder)
    return Outbox(batches=-(-total // step), rows=total)


@contextmanager
def _scratch(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A database ``outbox`` in memory, which the writers' cursors see and the warehouse's file doesn't grow by."""
    connection.execute("attach ':memory:' as outbox")
    try:
        yield
    finally:
        connection.execute("detach outbox")


def _write(
    connection: duckdb.DuckDBPyConnection,
    rooms: Rooms,
    first: int,
    beyond: int,
    asked_as: Caller,
    at: datetime,
) -> Batch:
    """Make body and index of one batch durable; what the ledger is to know of it."""
    span = {"first": first, "beyond": beyond}
    plain, packed = (rooms.folder / "batches" / f"{first}.{kind}.partial" for kind in ("body", "packed"))
    connection.execute(_BODY, {**span, "target": str(plain)})
    batch_id, size = compress(plain, packed)
    plain.unlink()
    packed.replace(partial(rooms.body(batch_id)))
    index = rooms.index(batch_id)
    connection.execute(_INDEX, {**span, "batch_id": batch_id, "target": str(partial(index))})
    make_durable(rooms.body(batch_id))
    make_durable(index)
    return Batch(batch_id, BatchState.PREPARED, beyond - first, size, asked_as.officer, at)


def rows_a_batch(batch_rows: int, ledger: Ledger) -> int:
    """Rows of one batch: as many as asked for, or as sendings have taught, within the limits announced last."""
    limits = ledger.last_limits()
    most = batch_rows if limits is None else min(batch_rows, limits.rows, limits.bytes // _ROW_BYTES)
    return learnt_rows(ledger.latest_sendings(LATEST), max(1, most))
