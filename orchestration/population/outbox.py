"""The outbox: from the requests in the warehouse to batches on disk and in the ledger. Sends nothing.

Asked is every subject of ``verification.int_requests`` whose asked fields (``content_digest``) are in no batch that
is open or answered; and, when somebody orders it, what the register refused with a code. What is asked for the second
time bears its ``asking`` (1, 2, …) in its row reference, so that it is another question. Batches are sorted by number,
so that the register reads neighbouring rows together, and are named by the SHA-256 of their content: the same requests,
cut again after an interruption, give the same batches.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.population.caller import Caller
from orchestration.population.drafts import Draft, Sealed
from orchestration.population.files import Rooms, room_to_write
from orchestration.population.ledger import Batch, BatchState, Ledger
from orchestration.population.publish import publish
from orchestration.population.sizing import LATEST, learnt_rows

_ROW_BYTES = 512
"""Room reckoned for one row of NDJSON; ours take about 190 bytes, a long name some 60 more."""

_ROWS_AT_ONCE = 50_000

TO_ASK = """
select
    r.subject_id, r.content_digest, 0 as asking, r.so_dinh_danh, r.so_cmnd, r.ho_va_ten,
    r.ngay_thang_nam_sinh, r.gioi_tinh, r.ma_tinh, r.province_code
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
    r.ngay_thang_nam_sinh, r.gioi_tinh, r.ma_tinh, r.province_code
from verification.int_requests r join latest using (subject_id, content_digest)
"""
"""What was refused with a code when it was asked last, has not changed since and is in no open batch."""
_MEMBERS = {
    "SoDinhDanh": "so_dinh_danh",
    "SoCMND": "so_cmnd",
    "HoVaTen": "ho_va_ten",
    "NgayThangNamSinh": "ngay_thang_nam_sinh",
    "GioiTinh": "gioi_tinh",
    "MaTinh": "ma_tinh",
}
"""Members of the contract's row, and our columns; what is null is left out."""
_ROWS = """
select
    subject_id,
    content_digest,
    asking,
    case when so_dinh_danh is not null then 'cccd12' when so_cmnd is not null then 'cmnd9' else 'without_id' end
        as number_kind,
    province_code,
    concat(
        '{"row_ref":"', subject_id, if(asking = 0, '', '.' || asking), '"',
        $members,
        '}', chr(10)
    ) as line
from (
    from ($rows)
    order by
        coalesce(
            try_cast(so_dinh_danh as bigint),
            1000000000000 + try_cast(so_cmnd as bigint),
            2000000000000 + try_cast(replace(ngay_thang_nam_sinh, '-', '') as bigint)
        ),
        subject_id
)
""".replace(
    "$members",
    ", ".join(
        f"""if({column} is null, null, ',"{member}":'), to_json({column})"""
        for member, column in _MEMBERS.items()
    ),
)
# One whole number sorts much faster than five texts, and lines are made of rows that are in order already. Text by text
# becomes JSON faster than a row as a whole.


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
    query, values = (TO_ASK, None) if refused_with is None else (TO_ASK_AGAIN, {"code": refused_with})
    done = Outbox(0, 0)
    # Threads end with this block: in a generator that an error keeps alive they would end whenever it is collected.
    with (
        room_to_write(),
        _uuids_kept(connection) as cursor,
        _thread("read") as reader,
        _thread("seal") as sealer,
    ):
        rows = cursor.sql(_ROWS.replace("$rows", query), params=values).to_arrow_reader(_ROWS_AT_ONCE)
        drafts = _drafts(rooms, _ahead(reader, rows), rows_a_batch(batch_rows, ledger))
        for sealed in _sealed(sealer, drafts):
            ledger.prepare(_prepared(sealed, asked_as, clock()))
            done = Outbox(done.batches + 1, done.rows + sealed.row_count)
    if done.rows:
        publish(connection, ledger, folder)
    return done


def _prepared(sealed: Sealed, asked_as: Caller, at: datetime) -> Batch:
    """What the ledger is to know of a batch on disk."""
    return Batch(
        sealed.batch_id, BatchState.PREPARED, sealed.row_count, sealed.byte_count, asked_as.officer, at
    )


@contextmanager
def _uuids_kept(connection: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor whose uuids reach Arrow as such, not as text; the setting is the whole database's, hence put back."""
    with connection.cursor() as cursor:
        cursor.execute("set arrow_lossless_conversion = true")
        try:
            yield cursor
        finally:
            cursor.execute("reset arrow_lossless_conversion")


def _thread(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix=f"outbox-{name}")


def _ahead(reader: Executor, rows: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows, of which the next are read while the last are worked on."""
    coming = reader.submit(next, rows, None)
    while (piece := coming.result()) is not None:
        coming = reader.submit(next, rows, None)
        yield piece


def _sealed(sealer: Executor, drafts: Iterator[Draft]) -> Iterator[Sealed]:
    """Batches; each is made durable while the next one is written."""
    before: Future[Sealed] | None = None
    for draft in drafts:
        sealing = sealer.submit(draft.seal)
        if before is not None:
            yield before.result()
        before = sealing
    if before is not None:
        yield before.result()


def _drafts(rooms: Rooms, rows: Iterator[pa.RecordBatch], step: int) -> Iterator[Draft]:
    """Drafts that are full, and a last one that need not be."""
    names = map(str, itertools.count())
    draft = None
    for piece in rows:
        at = 0
        while at < piece.num_rows:
            draft = draft or Draft(rooms, next(names))
            part = piece.slice(at, step - draft.row_count)
            draft.add(part)
            at += part.num_rows
            if draft.row_count == step:
                yield draft
                draft = None
    if draft is not None:
        yield draft


def rows_a_batch(batch_rows: int, ledger: Ledger) -> int:
    """Rows of one batch: as many as asked for, or as sendings have taught, within the limits announced last."""
    limits = ledger.last_limits()
    most = batch_rows if limits is None else min(batch_rows, limits.rows, limits.bytes // _ROW_BYTES)
    return learnt_rows(ledger.latest_sendings(LATEST), max(1, most))
