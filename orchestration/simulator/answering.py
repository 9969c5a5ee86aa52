"""Answering a batch in SQL: NDJSON in, NDJSON out, no row ever a Python object.

Belongs here: what the register finds. The form of the persons' tables is :mod:`persons`, verdicts
:mod:`verdicts`, equality of names :mod:`names`, HTTP :mod:`app`. Rows are answered in the order they were asked in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.simulator.errors import Refusal, Refused

_LONGEST_LINE = 1 << 20
"""Bytes of one NDJSON line; a row of the contract takes some two hundred."""
_LONGEST_NAME = 200
_HMAC_BLOCK = 64
_LINES_AT_ONCE = 50_000

_READ = """
create temp table asked as
with rows as (
    select "row_ref", "SoDinhDanh", "SoCMND", "HoVaTen", "NgayThangNamSinh", "GioiTinh", "MaTinh",
        try_cast("NgayThangNamSinh" as date) as day
    from read_json(
        $body,
        format = 'newline_delimited',
        columns = {
            'row_ref': 'VARCHAR', 'SoDinhDanh': 'VARCHAR', 'SoCMND': 'VARCHAR', 'HoVaTen': 'VARCHAR',
            'NgayThangNamSinh': 'VARCHAR', 'GioiTinh': 'VARCHAR', 'MaTinh': 'VARCHAR'
        },
        maximum_object_size = $longest_line
    )
),
judged as (
    select *,
        case
            when "SoDinhDanh" is not null and "SoCMND" is not null then 'INVALID_NUMBER'
            when not regexp_full_match("SoDinhDanh", '[0-9]{12}') then 'INVALID_NUMBER'
            when not regexp_full_match("SoCMND", '[0-9]{9}') then 'INVALID_NUMBER'
            when length("HoVaTen") > $longest_name then 'INVALID_NAME'
            when cast(day as varchar) is distinct from "NgayThangNamSinh"
                and not regexp_full_match("NgayThangNamSinh", '[0-9]{4}') then 'INVALID_DATE_OF_BIRTH'
            when "GioiTinh" not in ('0', '1') then 'INVALID_SEX'
        end as error_code
    from rows
)
select row_ref, error_code, "HoVaTen" as name,
    case when error_code is null then cast("SoDinhDanh" as bigint) end as number,
    case when error_code is null then cast("SoCMND" as integer) end as card,
    case when error_code is null then
        coalesce(year(day) * 10000 + month(day) * 100 + day(day), cast("NgayThangNamSinh" as integer) * 10000)
    end as born,
    "GioiTinh" = '1' as is_male,
    "MaTinh" as province_code
from judged
"""
# born is yyyymmdd, with 0000 for a month and day nobody knows.

_CHECK = """
select count(*), count(*) filter (where row_ref is null or not regexp_full_match(row_ref, '[0-9A-Za-z.-]{1,40}')),
    count(*) - count(distinct row_ref)
from asked
"""

_SPELLINGS = "create temp table spellings as select distinct name from asked"
_KEYS = "create temp table keys as from name_keys('spellings')"

_VERDICTS = """
create temp table verdicts as
with questions as (
    select asked.rowid as place, error_code, number, card, name_key, born, is_male, province_code
    from asked left join keys using (name)
),
found as (
    select q.place, q.name_key, q.born, q.is_male, if(p.number is null, 0, 1) as fitting,
        p.name_key as held_name_key, p.born as held_born, p.is_male as held_is_male, null as superseded_by
    from questions q left join persons p using (number)
    where q.number is not null
    union all
    select q.place, q.name_key, q.born, q.is_male, coalesce(c.holders, 0),
        c.name_key, c.born, c.is_male, c.superseded_by
    from questions q left join cards c using (card)
    where q.card is not null
)
select place,
    cast(if(
        fitting = 1, compared_verdict(name_key, held_name_key, born, held_born, is_male, held_is_male), fitting
    ) as utinyint) as verdict,
    if(fitting = 1, superseded_by, null) as superseded_by
from found
union all
select q.place, if(q.error_code is null, coalesce(f.holders, 0), refused_verdict(q.error_code)), null
from questions q left join profiles f using (born, province_code, is_male, name_key)
where q.number is null and q.card is null
"""

_LINES = """
select concat(
    '{"row_ref":"', row_ref, list_extract((select list(text order by verdict) from verdict_texts), verdict + 1),
    ',"superseding_token":"' || sha256(
        $outer || unhex(sha256($inner || encode(lpad(cast(superseded_by as varchar), 12, '0'))))
    ) || '"',
    '}', chr(10)
) as line
from asked
positional join (select verdict, superseded_by from verdicts order by place)
"""
# Nothing here needs escaping: references were checked, all else is ours. Verdicts are one a row asked. Numbers are put
# in order and texts looked up after it: that takes half the time of putting texts in order.
# The token is HMAC-SHA256 of the newer number: the caller learns that there is one, never which.
_TALLY = """
select count(*), count(error_code), count(*) filter (where fitting = 1), count(*) filter (where fitting = 2)
from verdicts join verdict_texts using (verdict)
"""


@dataclass(frozen=True)
class Tally:
    """What a batch came to: rows, and of them refused, found and fitting several persons."""

    rows: int
    refused: int
    found: int
    several: int


@contextmanager
def answered(
    connection: duckdb.DuckDBPyConnection, body: Path, *, row_limit: int, secret: bytes
) -> Iterator[tuple[Tally, Iterator[memoryview]]]:
    """Answer the NDJSON of ``body`` on a connection of its own (a cursor): its tally, and the answer piece by piece.

    Leaves no table behind. Raises :class:`Refused` for a body that is no NDJSON of the contract, has too many rows or
    bad references.
    """
    try:
        try:
            connection.execute(
                _READ, {"body": str(body), "longest_line": _LONGEST_LINE, "longest_name": _LONGEST_NAME}
            )
        except duckdb.Error:
            raise Refused(Refusal.BODY_NOT_NDJSON) from None
        _check(connection, row_limit)
        connection.execute(_SPELLINGS)
        connection.execute(_KEYS)
        connection.execute(_VERDICTS)
        yield Tally(*connection.execute(_TALLY).fetchall()[0]), _lines(connection, secret)
    finally:
        for table in ("asked", "spellings", "keys", "verdicts"):
            connection.execute(f"drop table if exists temp.{table}")


def _lines(connection: duckdb.DuckDBPyConnection, secret: bytes) -> Iterator[memoryview]:
    """The bytes of a text column are one piece of memory, row after row: the lines themselves."""
    inner, outer = _hmac_pads(secret)
    rows = connection.sql(_LINES, params={"inner": inner, "outer": outer})
    for batch in rows.to_arrow_reader(_LINES_AT_ONCE):
        _, _, content = batch.column(0).buffers()
        yield memoryview(content)


def _check(connection: duckdb.DuckDBPyConnection, row_limit: int) -> None:
    rows, unreadable, doubled = connection.execute(_CHECK).fetchall()[0]
    if rows == 0:
        raise Refused(Refusal.BODY_NOT_NDJSON)
    if rows > row_limit:
        raise Refused(Refusal.TOO_MANY_ROWS)
    if unreadable or doubled:
        raise Refused(Refusal.ROW_REF_INVALID)


def _hmac_pads(secret: bytes) -> tuple[bytes, bytes]:
    """The two padded keys of HMAC (RFC 2104), so that SQL can finish the digest."""
    key = hashlib.sha256(secret).digest().ljust(_HMAC_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)
