"""Answering a batch in SQL: NDJSON in, NDJSON out, no row ever a Python object.

Belongs here: what the register finds and compares. The form of the persons' tables is :mod:`persons`,
equality of names :mod:`names`, HTTP :mod:`app`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.simulator.errors import Refusal, Refused

_LONGEST_LINE = 1 << 20
"""Bytes of one NDJSON line; a row of the contract takes some two hundred."""
_LONGEST_NAME = 200
_HMAC_BLOCK = 64

_READ = """
create temp table asked as
select "row_ref", "SoDinhDanh", "SoCMND", "HoVaTen", "NgayThangNamSinh", "GioiTinh", "MaTinh"
from read_json(
    $body,
    format = 'newline_delimited',
    columns = {
        'row_ref': 'VARCHAR', 'SoDinhDanh': 'VARCHAR', 'SoCMND': 'VARCHAR', 'HoVaTen': 'VARCHAR',
        'NgayThangNamSinh': 'VARCHAR', 'GioiTinh': 'VARCHAR', 'MaTinh': 'VARCHAR'
    },
    maximum_object_size = $longest_line
)
"""

_CHECK = """
select count(*), count(*) filter (where row_ref is null or not regexp_full_match(row_ref, '[0-9A-Za-z.-]{1,40}')),
    count(*) - count(distinct row_ref)
from asked
"""

_SPELLINGS = """create temp table spellings as select distinct "HoVaTen" as name from asked"""

_QUESTIONS = """
create temp table questions as
with names as (select name as "HoVaTen", name_key from name_keys('spellings')),
judged as (
    select *,
        case
            when "SoDinhDanh" is not null and "SoCMND" is not null then 'INVALID_NUMBER'
            when not regexp_full_match("SoDinhDanh", '[0-9]{12}') then 'INVALID_NUMBER'
            when not regexp_full_match("SoCMND", '[0-9]{9}') then 'INVALID_NUMBER'
            when length("HoVaTen") > $longest_name then 'INVALID_NAME'
            when not regexp_full_match("NgayThangNamSinh", '[0-9]{4}(-[0-9]{2}-[0-9]{2})?')
                or (length("NgayThangNamSinh") = 10 and try_cast("NgayThangNamSinh" as date) is null)
                then 'INVALID_DATE_OF_BIRTH'
            when "GioiTinh" not in ('0', '1') then 'INVALID_SEX'
        end as error_code
    from asked
)
select row_ref, error_code,
    case when error_code is null then cast("SoDinhDanh" as bigint) end as number,
    case when error_code is null then cast("SoCMND" as integer) end as card,
    name_key,
    case when error_code is null then
        cast(rpad(replace("NgayThangNamSinh", '-', ''), 8, '0') as integer)
    end as born,
    "GioiTinh" = '1' as is_male,
    "MaTinh" as province_code
from judged left join names using ("HoVaTen")
"""

_FOUND = """
create temp table found as
select q.row_ref, cast(1 as integer) as holders, p.name_key, p.born, p.is_male, null as superseded_by
from questions q join persons p using (number)
union all
select q.row_ref, cast(least(count(*), 2) as integer), any_value(c.name_key), any_value(c.born),
    any_value(c.is_male), any_value(case when c.is_superseded then c.number end)
from questions q join cards c using (card)
group by q.row_ref
"""

_FITTING = """
create temp table fitting as
select q.row_ref, f.holders
from questions q join profiles f using (born, province_code, is_male, name_key)
where q.number is null and q.card is null
"""

_ANSWERS = """
create temp table answers as
select
    q.row_ref,
    q.error_code is null as acknowledged,
    case when q.error_code is null then coalesce(f.holders, n.holders, 0) end as fitting,
    case when f.holders = 1 then case
        when q.name_key is null then 'missing' when q.name_key = f.name_key then 'equal' else 'different'
    end end as name,
    case when f.holders = 1 then case
        when q.born is null then 'missing'
        when (q.born % 10000 = 0 or f.born % 10000 = 0) and q.born // 10000 = f.born // 10000 then 'year_equal'
        when q.born = f.born then 'equal' else 'different'
    end end as date_of_birth,
    case when f.holders = 1 then case
        when q.is_male is null then 'missing' when q.is_male = f.is_male then 'equal' else 'different'
    end end as sex,
    case when f.holders = 1 and f.superseded_by is not null then
        sha256($outer || unhex(sha256($inner || encode(lpad(cast(f.superseded_by as varchar), 12, '0')))))
    end as superseding_token,
    q.error_code
from questions q left join found f using (row_ref) left join fitting n using (row_ref)
"""
# The token is HMAC-SHA256 of the newer number: the caller learns that there is one, never which.


@dataclass(frozen=True)
class Tally:
    """What a batch came to: rows, and of them refused, found and fitting several persons."""

    rows: int
    refused: int
    found: int
    several: int


def answer(
    connection: duckdb.DuckDBPyConnection, body: Path, target: Path, *, row_limit: int, secret: bytes
) -> Tally:
    """Answer the NDJSON of ``body`` into ``target`` on a connection of its own (a cursor); leaves no table behind.

    Raises :class:`Refused` for a body that is no NDJSON of the contract, has too many rows or bad references.
    """
    try:
        connection.execute(_READ, {"body": str(body), "longest_line": _LONGEST_LINE})
    except duckdb.Error:
        raise Refused(Refusal.BODY_NOT_NDJSON) from None
    try:
        _check(connection, row_limit)
        connection.execute(_SPELLINGS)
        connection.execute(_QUESTIONS, {"longest_name": _LONGEST_NAME})
        connection.execute(_FOUND)
        connection.execute(_FITTING)
        inner, outer = _hmac_pads(secret)
        connection.execute(_ANSWERS, {"inner": inner, "outer": outer})
        connection.execute("copy answers to $target (format json)", {"target": str(target)})
        return _tally(connection)
    finally:
        for table in ("asked", "spellings", "questions", "found", "fitting", "answers"):
            connection.execute(f"drop table if exists temp.{table}")


def _check(connection: duckdb.DuckDBPyConnection, row_limit: int) -> None:
    rows, unreadable, doubled = connection.execute(_CHECK).fetchall()[0]
    if rows == 0:
        raise Refused(Refusal.BODY_NOT_NDJSON)
    if rows > row_limit:
        raise Refused(Refusal.TOO_MANY_ROWS)
    if unreadable or doubled:
        raise Refused(Refusal.ROW_REF_INVALID)


def _tally(connection: duckdb.DuckDBPyConnection) -> Tally:
    query = """
        select count(*), count(error_code), count(*) filter (where fitting = 1), count(*) filter (where fitting = 2)
        from answers
    """
    return Tally(*connection.execute(query).fetchall()[0])


def _hmac_pads(secret: bytes) -> tuple[bytes, bytes]:
    """The two padded keys of HMAC (RFC 2104), so that SQL can finish the digest."""
    key = hashlib.sha256(secret).digest().ljust(_HMAC_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)
