"""The rows of a country: every fault occurs, the register agrees, names grow with the population."""

from __future__ import annotations

import csv
from contextlib import closing
from importlib import resources
from pathlib import Path

import duckdb
import pytest

import handover.synthetic
from handover.dump.importer import import_dump
from handover.synthetic.rows import make_rows, resolve_misfits

FIELDS = ("id_as", "name_as", "dob_as", "sex_as", "place_as", "person_as")
NO_FAULT = {"exact", "cccd12", "registered", "without"}
DOSE_FAULTS = {
    "dose_before_birth",
    "dose_before_campaign",
    "dose_gap_short",
    "dose_hole",
    "dose_number_twice",
    "dose_order",
    "dose_in_future",
    "dose_same_day",
    "dose_too_young",
    "dose_undated",
    "dose_unknown_facility",
    "dose_unknown_vaccine",
    "dose_unlicensed",
    "orphan",
    "too_many_doses",
}

ELSEWHERE = {"too_many_doses", "facility_unknown", "province_text_other"}
"""Faults of subjects that no recipe holds: nobody is verified by them."""


def listed_faults() -> set[str]:
    text = resources.files(handover.synthetic).joinpath("data/recipes/recipes.csv").read_text("utf-8")
    return {row[field] for row in csv.DictReader(text.splitlines()) for field in FIELDS} - NO_FAULT


def rows(query: str, **paths: Path) -> list[tuple[object, ...]]:
    with closing(duckdb.connect()) as connection:
        return connection.sql(query.format(**paths)).fetchall()


@pytest.fixture(scope="module")
def dumped(country: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the main dump as Parquet."""
    lake = tmp_path_factory.mktemp("lake")
    import_dump(country / "delivery" / "data" / "database" / "support.dump", lake)
    return lake


def test_every_kind_of_fault_occurs_in_the_smallest_country(country: Path) -> None:
    query = "select distinct unnest(faults) from '{c}/answer_key.subjects.parquet' where increment_on is null"
    assert {fault for (fault,) in rows(query, c=country)} == listed_faults() | ELSEWHERE


def test_every_kind_of_dose_fault_occurs_in_the_smallest_country(country: Path) -> None:
    query = "select distinct unnest(faults) from '{c}/answer_key.doses.parquet' where increment_on is null"
    assert {fault for (fault,) in rows(query, c=country)} == DOSE_FAULTS


def test_every_subject_has_the_doses_the_key_says_and_orphans_nobody(country: Path, dumped: Path) -> None:
    query = """
        with given as (
            select doi_tuong_id as subject_id, count(*) as given from '{d}/tiemchung.mui_tiem/*.parquet' group by all
        ),
        key as (from '{c}/answer_key.subjects.parquet' where increment_on is null)
        select count(*) filter (where doses is distinct from coalesce(given, 0) and doses is not null),
            count(*) filter (where doses is null) >= 2
        from key full join given using (subject_id)
    """
    assert rows(query, c=country, d=dumped) == [(0, True)]


def test_the_register_names_everybody_once_by_twelve_digits_in_order(country: Path) -> None:
    query = """
        select count(*) > 0, count(*) = count(distinct personal_id),
            bool_and(regexp_full_match(personal_id, '[0-9]{{12}}')),
            list(personal_id order by file_row_number) = list(personal_id order by personal_id),
            count(cmnd9) filter (where not regexp_full_match(cmnd9, '[1-9][0-9]{{8}}')),
            count(*) filter (where (cmnd9 is null) <> (is_cmnd9_superseded is null)),
            count(*) filter (where full_name is null or sex not in ('male', 'female'))
        from read_parquet('{c}/register.parquet', file_row_number = true)
    """
    assert rows(query, c=country) == [(True, True, True, True, 0, 0, 0)]


def test_correct_rows_with_a_number_are_found_in_the_register(country: Path, dumped: Path) -> None:
    query = """
        select count(*) > 4000, count(*) filter (where persons.personal_id is distinct from key.person_id),
            count(*) filter (where key.outcome = 'matched_superseded' and not persons.is_cmnd9_superseded)
        from '{c}/answer_key.subjects.parquet' as key
        join '{d}/tiemchung.doi_tuong/*.parquet' as said on said.id = key.subject_id
        left join '{c}/register.parquet' as persons
            on trim(said.so_giay_to) = persons.personal_id or trim(said.so_giay_to) = persons.cmnd9
        where key.increment_on is null and key.group_name = 'correct'
    """
    assert rows(query, c=country, d=dumped) == [(True, 0, 0)]


def test_rows_whose_number_belongs_to_nobody_are_not_found(country: Path, dumped: Path) -> None:
    query = """
        select count(*) > 100, count(persons.personal_id)
        from '{c}/answer_key.subjects.parquet' as key
        join '{d}/tiemchung.doi_tuong/*.parquet' as said on said.id = key.subject_id
        left join '{c}/register.parquet' as persons
            on said.so_giay_to = persons.personal_id or said.so_giay_to = persons.cmnd9
        where key.increment_on is null and key.group_name = 'wrong_no_person'
    """
    assert rows(query, c=country, d=dumped) == [(True, 0)]


def test_the_parts_of_a_person_are_independent_of_each_other(country: Path) -> None:
    """Surnames, sexes and provinces must mix: a choice that follows another one would leave most pairs out."""
    query = """
        with persons as (
            select split_part(full_name, ' ', 1) as surname, split_part(full_name, ' ', -1) as given, sex, province_code
            from '{c}/register.parquet'
        )
        select count(distinct given) filter (where surname = 'Nguyễn') > 200,
            count(distinct province_code) filter (where surname = 'Nguyễn') > 55,
            abs(avg(if(surname = 'Nguyễn', if(sex = 'male', 1, 0), null)) - 0.5) < 0.05
        from persons
    """
    assert rows(query, c=country) == [(True, True, True)]


def test_distinct_names_grow_with_the_population_and_more_slowly() -> None:
    persons, names = zip(*(register_names(scale) for scale in (0.0001, 0.0003, 0.001)), strict=True)
    assert names[0] < names[1] < names[2]
    shares = [name / person for name, person in zip(names, persons, strict=True)]
    assert shares[0] > shares[1] > shares[2] > 0.6


def register_names(scale: float) -> tuple[int, int]:
    """Persons of the register and their distinct full names."""
    with closing(duckdb.connect()) as connection:
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        make_rows(connection, scale, 1, lambda _: None)
        ((persons, names),) = connection.sql(
            "select count(*), count(distinct full_name) from out_register"
        ).fetchall()
    return persons, names


def test_a_record_without_middle_names_that_fits_another_person_by_chance_is_renamed() -> None:
    with closing(duckdb.connect()) as connection:
        connection.execute("set timezone = 'Asia/Ho_Chi_Minh'")
        make_rows(connection, 0.0001, 1, lambda _: None)
        connection.execute(
            """
            update people set surname = near.surname, middle = null, given = near.given, sex = near.sex,
                born_on = near.born_on, province_code = near.province_code
            from people as near
            where near.n = (select min(n) from people where group_name = 'unfit' and name_as = 'name_middle_dropped')
                and people.n = (select min(n) from people where group_name = 'correct' and recipe = 'plain')
            """
        )
        said: list[str] = []
        resolve_misfits(connection, said.append)
    assert said == ["rows: 1 persons fit by chance; renaming them"]
