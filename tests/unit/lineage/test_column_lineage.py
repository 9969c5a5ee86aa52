"""Column lineage of one select: values, filters, and an honest refusal where it cannot be read."""

from __future__ import annotations

import pytest

from orchestration.lineage.column_lineage import NotEvaluatedError, SelectLineage, read_select
from orchestration.lineage.project import Name

COLUMNS = {
    Name("s", "people"): ("id", "name", "sex", "deleted", "day", "tags"),
    Name("s", "names"): ("raw", "std"),
    Name("s", "answers"): ("id", "is_ok"),
}


def read(sql: str) -> SelectLineage:
    return read_select(sql, COLUMNS)


def inputs(sql: str, column: str) -> list[str]:
    return sorted(map(str, read(sql).inputs(column)))


def rows(sql: str) -> list[str]:
    return sorted(map(str, read(sql).row_inputs()))


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("select id as x from wh.s.people", ["s.people.id"]),
        ('select id as x from "wh"."s"."people" as p', ["s.people.id"]),
        ("select true as x from s.people", []),
        ("select upper(name) || sex as x from s.people", ["s.people.name", "s.people.sex"]),
        ("with p as (select * from s.people), q as (select name as n from p) select n as x from q", ["s.people.name"]),
        ("select count(*) filter (where sex = 'male') as x from s.people", ["s.people.sex"]),
        ("select coalesce(n.std, p.name) as x from s.people p left join s.names n on n.raw = p.name",
         ["s.names.std", "s.people.name"]),
        ("select row_number() over (partition by name order by day) as x from s.people",
         ["s.people.day", "s.people.name"]),
        ("select exists (select 1 from s.answers a where a.id = p.id and a.is_ok) as x from s.people p",
         ["s.answers.id", "s.answers.is_ok", "s.people.id"]),
        ("select id in (select id from s.answers where is_ok) as x from s.people",
         ["s.answers.id", "s.answers.is_ok", "s.people.id"]),
        ("select id as x from s.people union all select length(std) from s.names", ["s.names.std", "s.people.id"]),
        ("select id as x from s.people union select std from s.names union all select is_ok from s.answers",
         ["s.answers.is_ok", "s.names.std", "s.people.id"]),
        ("with u as (select id, name from s.people union select id, is_ok from s.answers) select name as x from u",
         ["s.answers.is_ok", "s.people.name"]),
        ("select list_filter(tags, t -> t > 1) as x from s.people", ["s.people.tags"]),
        ("select u.t as x from s.people p, unnest(p.tags) as u(t)", ["s.people.tags"]),
        ("select is_a and sex = '' as x from (select name = '' as is_a, sex from s.people)",
         ["s.people.name", "s.people.sex"]),
        ("select name is null as is_a, not is_a as x from s.people", ["s.people.name"]),
        ("select getvariable('digest_key') || id as x from s.people", ["s.people.id"]),
        ("with recursive r as (select id, name from s.people union all select r.id + 1, r.name from r where r.id < 3) "
         "select name as x from r", ["s.people.name"]),
        ("from s.people select id as x", ["s.people.id"]),
        ("select * exclude (name), sex as x from s.people", ["s.people.sex"]),
        ("select p.id, x from s.people p join (select id, is_ok as x from s.answers) using (id)", ["s.answers.is_ok"]),
    ],
)  # fmt: skip
def test_a_column_comes_from_exactly_these_columns(sql: str, wanted: list[str]) -> None:
    assert inputs(sql, "x") == wanted


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("select 1 as x from s.people", []),
        ("select id from s.people where deleted is null", ["s.people.deleted"]),
        ("with p as (select id from s.people where sex = '') select id from p", ["s.people.sex"]),
        ("select p.id from s.people p left join s.names n on n.raw = p.name", ["s.names.raw", "s.people.name"]),
        ("select p.id from s.people p join (select id, is_ok from s.answers) a on a.id = p.id",
         ["s.answers.id", "s.people.id"]),
        ("select id from s.people order by day", []),
        ("select id from s.people order by day limit 3", ["s.people.day"]),
        ("select id from s.people join s.answers using (id)", ["s.answers.id", "s.people.id"]),
        ("select id from s.people qualify row_number() over (partition by id order by day desc) = 1",
         ["s.people.day", "s.people.id"]),
        ("select sex, count(*) from s.people group by sex having max(day) > 1", ["s.people.day", "s.people.sex"]),
        ("select id from s.people where id in (select id from s.answers where is_ok)",
         ["s.answers.id", "s.answers.is_ok", "s.people.id"]),
        ("with p as (select id, name is null as gone from s.people) select id from p where not gone",
         ["s.people.name"]),
        ("select distinct on (name) name, id from s.people", ["s.people.name"]),
    ],
)  # fmt: skip
def test_rows_are_decided_by_exactly_these_columns(sql: str, wanted: list[str]) -> None:
    assert rows(sql) == wanted


def test_every_relation_that_is_read_is_named() -> None:
    found = read("with p as (select 1 from s.people) select 1 as x from p cross join s.names").relations()
    assert sorted(map(str, found)) == ["s.names", "s.people"]


@pytest.mark.parametrize(
    "sql",
    [
        "select from where",
        "create table t as select 1",
        "attach 'x'",
        "select id as x from s.people union by name select id as x, is_ok from s.answers",
        "select nowhere as x from s.people",
        "select x from s.unknown, s.people",
        "pivot s.people on sex using count(*)",
        "select * from s.people pivot (count(*) for sex in ('a', 'b'))",
        "(" * 400 + "select 1 as x" + ")" * 400,
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(sql: str) -> None:
    with pytest.raises(NotEvaluatedError):
        read(sql).inputs("x")


def test_a_column_from_a_function_that_reads_files_is_not_evaluated() -> None:
    with pytest.raises(NotEvaluatedError):
        read("select f.x as x from read_parquet('a.parquet') f").inputs("x")
