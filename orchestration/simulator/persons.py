"""The register's persons, loaded once from Parquet into sorted DuckDB tables that batches are joined with.

Belongs here: the tables' form and order. How a request is answered from them is :mod:`answering`.
Batches arrive sorted by number, so tables sorted the same way are read only where a batch can match.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.simulator.errors import SimulatorError
from orchestration.simulator.names import define_name_keys

_COLUMNS = (
    "personal_id",
    "cmnd9",
    "is_cmnd9_superseded",
    "full_name",
    "date_of_birth",
    "sex",
    "province_code",
)

_SPELLINGS = """
create temp table spellings as select distinct full_name as name from read_parquet($persons)
"""

_PERSONS = """
create table persons as
with source as (
    select
        cast(personal_id as bigint) as number,
        cast(cmnd9 as integer) as card,
        coalesce(is_cmnd9_superseded, false) as is_superseded,
        full_name,
        case length(date_of_birth)
            when 4 then cast(date_of_birth as integer) * 10000
            else cast(replace(date_of_birth, '-', '') as integer)
        end as born,
        sex = 'male' as is_male,
        province_code
    from read_parquet($persons)
),
names as (select name as full_name, name_key from name_keys('spellings'))
select number, card, is_superseded, name_key, born, is_male, province_code
from source left join names using (full_name)
order by number
"""
# born is yyyymmdd, with 0000 for a month and day nobody knows.

_CARDS = """
create table cards as
select
    card, cast(least(count(*), 2) as integer) as holders, any_value(name_key) as name_key, any_value(born) as born,
    any_value(is_male) as is_male, any_value(case when is_superseded then number end) as superseded_by
from persons
where card is not null
group by card
order by card
"""

_PROFILES = """
create table profiles as
select born, province_code, is_male, name_key, cast(least(count(*), 2) as integer) as holders
from persons
where born % 10000 <> 0 and name_key is not null
group by all
order by born, province_code
"""

_DOUBLED = "select count(*) - count(distinct number) from persons"


def load_persons(connection: duckdb.DuckDBPyConnection, persons: Path) -> int:
    """Fill the tables ``persons``, ``cards`` and ``profiles``; returns the number of persons.

    Raises :class:`SimulatorError` where the file cannot be read, lacks a column or holds a number twice.
    """
    try:
        schema = connection.execute("describe from read_parquet($persons)", {"persons": str(persons)})
        missing = sorted(set(_COLUMNS) - {name for name, *_ in schema.fetchall()})
        if missing:
            raise SimulatorError(f"{persons} lacks the columns {', '.join(missing)}; give a register's file.")
        define_name_keys(connection)
        connection.execute(_SPELLINGS, {"persons": str(persons)})
        connection.execute(_PERSONS, {"persons": str(persons)})
        connection.execute("drop table temp.spellings")
        connection.execute(_CARDS)
        connection.execute(_PROFILES)
        doubled = _one(connection, _DOUBLED)
    except duckdb.Error as error:
        raise SimulatorError(
            f"{persons} cannot be loaded as the register's persons ({type(error).__name__}); "
            "it should be a Parquet file with 12-digit numbers and dates like 1990-12-31 or 1990."
        ) from None
    if doubled:
        raise SimulatorError(f"{persons} holds {doubled} personal numbers twice; each names one person.")
    return _one(connection, "select count(*) from persons")


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
