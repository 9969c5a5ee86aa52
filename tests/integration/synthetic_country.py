"""A synthetic country cleansed, asked about and counted by the models, beside its answer key.

What must be found for each planted fault is said here; tests judge it, and ``python -m tests.bench.recall`` counts it.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from handover.contract.mapping import load_mapping
from handover.dump.importer import import_dump
from handover.parts import Component
from tests.spec.warehouse import RELATIONS, build, make, query

AS_OF = "2022-04-05"

RULE_OF_FAULT = {
    "name_missing": "SUB-NAME-01",
    "name_nbsp": "SUB-NAME-02",
    "name_zero_width": "SUB-NAME-02",
    "name_spaces": "SUB-NAME-02",
    "name_nfd": "SUB-NAME-03",
    "name_eth": "SUB-NAME-04",
    "name_tone_placement": "SUB-NAME-05",
    "name_lower": "SUB-NAME-06",
    "name_lookalike_letter": "SUB-NAME-08",
    "dob_missing": "SUB-DOB-01",
    "dob_impossible": "SUB-DOB-02",
    "dob_future": "SUB-DOB-03",
    "dob_month": "SUB-DOB-04",
    "dob_month_year_wrong": "SUB-DOB-04",
    "dob_year": "SUB-DOB-04",
    "dob_year_wrong": "SUB-DOB-04",
    "dob_default_0101": "SUB-DOB-05",
    "sex_missing": "SUB-SEX-01",
    "id_missing": "SUB-ID-01",
    "id_dropped_zeros": "SUB-ID-02",
    "id_apostrophe": "SUB-ID-03",
    "id_fullwidth": "SUB-ID-03",
    "id_letters": "SUB-ID-03",
    "id_placeholder": "SUB-ID-03",
    "id_separators": "SUB-ID-03",
    "id_too_long": "SUB-ID-03",
    "id_too_short": "SUB-ID-03",
    "id_born_abroad": "SUB-ID-06",
    "id_padded": "SUB-ID-09",
    "dob_decade_off": "SUB-ID-04",
    "name_vni": "SUB-NAME-13",
    "name_tcvn3": "SUB-NAME-13",
    "name_misread": "SUB-NAME-13",
    "name_html": "SUB-NAME-13",
    "name_digit": "SUB-NAME-10",
    "name_title": "SUB-NAME-11",
    "name_placeholder": "SUB-NAME-12",
    "dob_words": "SUB-DOB-07",
    "dob_digits": "SUB-DOB-07",
    "id_placeholder9": "SUB-ID-10",
    "id_placeholder12": "SUB-ID-10",
    "facility_unknown": "SUB-FAC-01",
    "province_text_other": "SUB-PLACE-02",
}
"""What the country plants in a subject, and the rule that must find it."""

ALSO_BY_CHANCE = {
    "SUB-DOB-05",
    "SUB-ID-04",
    "SUB-ID-05",
    "SUB-ID-06",
    "SUB-ID-07",
    "SUB-ID-11",
    "SUB-NAME-07",
    "SUB-DUP-01",
    "SUB-DUP-02",
}
"""Rules about evidence: a wrong field, a first of January or another's number may speak where nothing was planted."""

ALSO_RIGHT = {
    ("SUB-NAME-06", "name_placeholder"),
    ("SUB-NAME-09", "name_placeholder"),
    ("SUB-NAME-14", "name_order"),
}
"""What a rule may rightly say of a fault that another rule must find, or that it can't always see."""

RULE_OF_DOSE_FAULT = {
    "dose_before_birth": "DOSE-DATE-03",
    "dose_before_campaign": "DOSE-DATE-01",
    "dose_gap_short": "DOSE-GAP-01",
    "dose_hole": "DOSE-NUM-01",
    "dose_in_future": "DOSE-DATE-02",
    "dose_same_day": "DOSE-DAY-01",
    "dose_too_young": "DOSE-AGE-01",
    "dose_undated": "DOSE-DATE-04",
    "dose_unlicensed": "DOSE-VAC-02",
    "dose_unknown_facility": "DOSE-FAC-01",
    "dose_unknown_vaccine": "DOSE-VAC-01",
    "dose_number_twice": "DOSE-NUM-03",
    "dose_order": "DOSE-NUM-04",
    "orphan": "DOSE-SUBJ-01",
    "too_many_doses": "DOSE-NUM-02",
}

ANSWERS = """
create view verification.answers as
with persons as (select *, upper(nfc_normalize(full_name)) as name from read_parquet('{register}')),
asked as (
    select *, case gioi_tinh when '1' then 'male' when '0' then 'female' end as sex
    from verification.int_requests
),
found as (
    select asked.subject_id, persons.* exclude (sex), persons.sex as found_sex from asked
    join persons on persons.personal_id = asked.so_dinh_danh or persons.cmnd9 = asked.so_cmnd
    union all
    select asked.subject_id, persons.* exclude (sex), null from asked
    join persons on persons.name = asked.ho_va_ten and persons.date_of_birth = asked.ngay_thang_nam_sinh
        and persons.sex = asked.sex and persons.province_code = asked.ma_tinh
    where asked.request_kind = 'without_id' and length(asked.ngay_thang_nam_sinh) = 10
),
grouped as (select subject_id, count(*) as fitting, any_value(columns(* exclude (subject_id))) from found group by all)
select
    asked.subject_id, 'b1' as batch_id, asked.content_digest, 0 as asking, true as is_acknowledged,
    cast(least(coalesce(fitting, 0), 2) as integer) as fitting_count,
    case when fitting = 1 then if(name = ho_va_ten, 'equal', 'different') end as name_comparison,
    case
        when fitting = 1 and date_of_birth = ngay_thang_nam_sinh and length(date_of_birth) = 10 then 'equal'
        when fitting = 1 and least(length(date_of_birth), length(ngay_thang_nam_sinh)) = 4
            and left(date_of_birth, 4) = left(ngay_thang_nam_sinh, 4) then 'year_equal'
        when fitting = 1 then 'different'
    end as date_of_birth_comparison,
    case
        when fitting = 1 and gioi_tinh is null then 'missing'
        when fitting = 1 then if(found_sex = sex, 'equal', 'different')
    end as sex_comparison,
    case when so_cmnd is not null and is_cmnd9_superseded then 'newer' end as superseding_token,
    cast(null as varchar) as error_code, timestamptz '2022-04-05 22:00:00+07' as answered_at
from asked left join grouped using (subject_id)
"""
"""The register's answers, worked out from its persons: an independent reading of the exchange's contract."""


def built_country(country: Path) -> Path:
    """The warehouse of a synthetic country's delivery, with its answer key as ``key_subjects`` and ``key_doses``."""
    path = country.parent / "warehouse.duckdb"
    lake = country.parent / "lake"
    import_dump(country / "delivery" / "data" / "database" / "support.dump", lake)
    make(path, {"raw.facilities": [], "raw.vaccines": []})
    with closing(duckdb.connect(path)) as connection:
        for table in load_mapping(Component.SUPPORT).tables:
            if f"raw.{table.name}" in RELATIONS:
                _publish(connection, table, lake)
        _answer(connection, country / "register.parquet")
    build(path, as_of=AS_OF)
    with closing(duckdb.connect(path)) as connection:
        for key in ("subjects", "doses"):
            connection.execute(
                f"create table key_{key} as from '{country}/answer_key.{key}.parquet' where increment_on is null"
            )
    return path


def _publish(connection: duckdb.DuckDBPyConnection, table: Any, lake: Path) -> None:
    columns = ", ".join(f"cast({c.vendor_column} as {c.type}) as {c.name}" for c in table.columns)
    connection.execute(f"drop table raw.{table.name}")
    connection.execute(
        f"create view raw.{table.name} as select {columns}, 'vn-test' as _delivery, '{table.vendor_table}' as _table,"
        f" _row, cast(null as date) as _increment_on from '{lake / table.vendor_table}/*.parquet'"
    )


def _answer(connection: duckdb.DuckDBPyConnection, register: Path) -> None:
    for table in ("transfers", "answers"):
        connection.execute(f"drop view verification.{table}")
    connection.execute(
        "create or replace table verification.int_requests as select 1::bigint as subject_id,"
        " cast(null as uuid) as content_digest, 'x' as request_kind, 'x' as so_dinh_danh, 'x' as so_cmnd,"
        " 'x' as ho_va_ten, 'x' as ngay_thang_nam_sinh, 'x' as gioi_tinh, 'x' as ma_tinh where false"
    )
    connection.execute(
        "create view verification.transfers as select subject_id, 'b1' as batch_id, content_digest,"
        " 'answered' as batch_state from verification.int_requests"
    )
    connection.execute(ANSWERS.format(register=register))


def recall(path: Path, grain: str, rules: dict[str, str]) -> list[tuple[str, str, int, int]]:
    """Per fault planted in subjects or doses: fault, its rule, how often planted, how often found by the rule."""
    pairs = ", ".join(f"('{fault}', '{rule}')" for fault, rule in rules.items())
    return query(
        path,
        f"""
        with rules(fault, rule_id) as (values {pairs}),
        planted as (select {grain}_id, unnest(faults) as fault from key_{grain}s),
        found as (select distinct {grain}_id, rule_id, true as is_found from cleansing.int_{grain}_findings)
        select fault, rule_id, count(*), count(is_found)
        from planted join rules using (fault) left join found using ({grain}_id, rule_id)
        group by fault, rule_id order by rule_id, fault
        """,
    )  # type: ignore[return-value]


def findings_beside(path: Path, grain: str, rules: dict[str, str]) -> dict[str, tuple[int, int]]:
    """Per rule: its findings in all, and those in rows where no fault was planted that it is there to find."""
    pairs = ", ".join(f"('{fault}', '{rule}')" for fault, rule in rules.items())
    rows = query(
        path,
        f"""
        with rules(fault, rule_id) as (values {pairs}),
        planted as (
            select distinct {grain}_id, rule_id, true as is_planted
            from (select {grain}_id, unnest(faults) as fault from key_{grain}s) join rules using (fault)
        )
        select rule_id, count(*), count(*) filter (where is_planted is null)
        from cleansing.int_{grain}_findings left join planted using ({grain}_id, rule_id)
        group by rule_id order by rule_id
        """,
    )
    return {rule: (found, beside) for rule, found, beside in rows}
