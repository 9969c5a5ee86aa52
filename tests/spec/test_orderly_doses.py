"""Orderly doses are passed over: on no random history would a rule of sequence have spoken there."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest

HISTORIES = 20_000
DOSES = """
create or replace table raw.doses as
with subjects as (
    select s, hash(s) % 5 as untidiness, 1 + hash(s, 'n') % 6 as doses from range($histories) t (s)
),
drawn as (
    select
        s, n, untidiness, hash(s, n, 'u') as u, hash(s, n, 'v') as v,
        date '2021-04-01' + cast(hash(s, 'd') % 200 as integer) as first_on
    from subjects, range(1, 7) t (n)
    where n <= doses
)
select
    s * 10 + n as dose_id,
    case when v % 97 = 0 then null else s end as subject_id,
    cast(
        case when untidiness = 0 and u % 3 = 0 then u % 7 when untidiness = 1 and u % 11 = 0 then null else n end
        as integer
    ) as dose_number,
    (select list(vaccine_code order by vaccine_code) from cleansing.int_vaccines)[
        1 + cast(hash(s, if(untidiness = 2, n, 0)) % (select count(*) from cleansing.int_vaccines) as integer)
    ] as vaccine_code,
    'L1' as lot_number,
    case when untidiness = 1 and u % 13 = 0 then null
        else first_on + cast((n - 1) * (20 + v % 90) - if(untidiness = 3, u % 60, 0) as integer) end as injected_on,
    'CS-1' as facility_code,
    timestamptz '2022-01-01 00:00:00+07' as recorded_at,
    timestamptz '2022-01-01 00:00:00+07' as updated_at,
    'd' as _delivery, 'vendor.doses' as _table, row_number() over () as _row, cast(null as date) as _increment_on
from drawn
"""
MANY = """
insert into raw.doses by name
select -n as dose_id, -1 as subject_id, n as dose_number, any_value(vaccine_code) as vaccine_code,
    date '2021-04-01' + cast(n as integer) as injected_on, 'd' as _delivery, 'vendor.doses' as _table, -n as _row
from raw.doses, range(1, 101) t (n) group by n
"""
"""A number under which somebody parked a hundred doses."""
DIFFERENT = """
(from sequences except all from cleansing.int_doses__sequences)
union all (from cleansing.int_doses__sequences except all from sequences)
"""


@pytest.fixture(scope="module")
def drawn(built: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Histories from tidy to hopeless with the model's findings; `sequences` are those of looking at every dose."""
    path = tmp_path_factory.mktemp("orderly") / built.name
    shutil.copy(built, path)
    connection = duckdb.connect(path)
    connection.execute(DOSES, {"histories": HISTORIES})
    connection.execute(MANY)
    for model in ("int_doses__by_subject", "int_doses__sequences"):
        (compiled,) = (built.parent / "target" / "compiled").rglob(f"{model}.sql")
        sql = compiled.read_text("utf-8")
        connection.execute(f"create or replace table cleansing.{model} as {sql}")
    connection.execute("create temp table kept as from cleansing.int_doses__by_subject")
    connection.execute("update cleansing.int_doses__by_subject set is_orderly = false")
    connection.execute(f"create temp table sequences as {sql}")
    return connection


def test_no_rule_speaks_on_doses_that_are_passed_over(drawn: duckdb.DuckDBPyConnection) -> None:
    assert drawn.execute(DIFFERENT).fetchall() == []


def test_the_histories_are_of_every_kind(drawn: duckdb.DuckDBPyConnection) -> None:
    share = drawn.execute("select avg(cast(is_orderly as integer)) from kept").fetchall()[0][0]
    assert 0.1 < share < 0.9
    found = drawn.execute("select distinct unnest(string_split(rule_ids, ' ')) from sequences").fetchall()
    assert {rule for (rule,) in found} == {
        "DOSE-DAY-01", "DOSE-GAP-01", "DOSE-NUM-01", "DOSE-NUM-02", "DOSE-NUM-03", "DOSE-NUM-04",
    }  # fmt: skip
