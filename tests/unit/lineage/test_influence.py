"""How a column bears on another, in OpenLineage's words: a table of selects."""

from __future__ import annotations

import pytest

from orchestration.lineage.influence import Influence, Kind
from tests.unit.lineage.test_column_lineage import read


def told(influence: Influence) -> str:
    return influence.kind.value + (" masked" if influence.is_masked else "")


@pytest.mark.parametrize(
    ("expression", "column", "wanted"),
    [
        ("name", "name", {"IDENTITY"}),
        ("(name)", "name", {"IDENTITY"}),
        ("upper(name)", "name", {"TRANSFORMATION"}),
        ("cast(id as varchar)", "id", {"TRANSFORMATION"}),
        ("name = 'a' and sex = 'b'", "sex", {"TRANSFORMATION"}),
        ("max(day)", "day", {"AGGREGATION"}),
        ("max(upper(name))", "name", {"AGGREGATION"}),
        ("case when sex = 'm' then name end", "sex", {"CONDITIONAL"}),
        ("case when sex = 'm' then name end", "name", {"TRANSFORMATION"}),
        ("case sex when 'm' then name end", "sex", {"CONDITIONAL"}),
        ("case when name = '' then 'none' else name end", "name", {"CONDITIONAL", "TRANSFORMATION"}),
        ("if(sex = 'm', name, '')", "sex", {"CONDITIONAL"}),
        ("row_number() over (partition by sex order by day)", "sex", {"WINDOW"}),
        ("row_number() over (partition by sex order by day)", "day", {"WINDOW"}),
        ("max(day) over (partition by sex)", "day", {"AGGREGATION"}),
        ("sum(id) filter (where sex = 'm')", "sex", {"FILTER"}),
        ("sum(id) filter (where sex = 'm')", "id", {"AGGREGATION"}),
        ("count(*) filter (where deleted)", "deleted", {"AGGREGATION masked"}),
        ("count(distinct name)", "name", {"AGGREGATION masked"}),
        ("md5(name)", "name", {"TRANSFORMATION masked"}),
        ("md5_number(getvariable('key') || name)", "name", {"TRANSFORMATION masked"}),
        ("sha256(name)", "name", {"TRANSFORMATION masked"}),
        ("hash(name, id)", "id", {"TRANSFORMATION masked"}),
        ("list(name order by day)", "day", {"SORT"}),
        ("exists (select 1 from s.answers a where a.id = p.id)", "id", {"FILTER"}),
    ],
)
def test_a_columns_place_says_how_it_bears(expression: str, column: str, wanted: set[str]) -> None:
    found = read(f"select {expression} as x from s.people p").influences("x")
    assert {told(each.influence) for each in found if each.ref.column == column} >= wanted
    of_people = [each for each in found if each.ref.column == column and each.ref.name.relation == "people"]
    assert {told(each.influence) for each in of_people} == wanted


@pytest.mark.parametrize(
    ("sql", "wanted"),
    [
        ("select id from s.people where sex = 'm'", {"sex": "FILTER"}),
        ("select p.id from s.people p join s.answers a on a.is_ok", {"is_ok": "JOIN"}),
        ("select sex, max(day) as x from s.people group by sex", {"sex": "GROUP_BY"}),
        ("select sex, max(day) as x from s.people group by all", {"sex": "GROUP_BY"}),
        ("select id from s.people qualify row_number() over (partition by sex order by day) = 1",
         {"sex": "FILTER", "day": "FILTER"}),
        ("select id from s.people order by day limit 3", {"day": "SORT"}),
        ("select id from s.people order by day", {}),
        ("with n as (select md5(name) as h from s.people) select h from n where h <> ''", {"name": "FILTER masked"}),
    ],
)  # fmt: skip
def test_what_decides_the_rows_says_how(sql: str, wanted: dict[str, str]) -> None:
    assert {each.ref.column: told(each.influence) for each in read(sql).row_influences()} == wanted


@pytest.mark.parametrize(
    ("outer", "inner", "wanted"),
    [
        (Kind.IDENTITY, Kind.AGGREGATION, Kind.AGGREGATION),
        (Kind.TRANSFORMATION, Kind.IDENTITY, Kind.TRANSFORMATION),
        (Kind.IDENTITY, Kind.CONDITIONAL, Kind.CONDITIONAL),
        (Kind.JOIN, Kind.AGGREGATION, Kind.JOIN),
        (Kind.FILTER, Kind.WINDOW, Kind.FILTER),
    ],
)
def test_an_influence_upon_another_keeps_what_is_indirect(outer: Kind, inner: Kind, wanted: Kind) -> None:
    assert Influence(outer).after(Influence(inner, is_masked=True)) == Influence(wanted, is_masked=True)
