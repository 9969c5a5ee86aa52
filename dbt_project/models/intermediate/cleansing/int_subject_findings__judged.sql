{{ config(materialized="ephemeral") }}

with
    subjects as (select * from {{ ref("int_subjects") }}),

    faulty as (
        select
            subject_id,
            full_name_std,
            full_name_repair,
            date_of_birth_std,
            date_of_birth_repair,
            id_repair,
            {{ rows_of(words("rule_ids")) }} as rule_id,
            _delivery,
            _table,
            _row
        from subjects
        where rule_ids <> ''
    )

select
    subject_id,
    rule_id,
    full_name_std,
    full_name_repair,
    {{ written_day("date_of_birth_std") }} as date_of_birth_std,
    date_of_birth_repair,
    id_repair,
    _delivery,
    _table,
    _row
from faulty
