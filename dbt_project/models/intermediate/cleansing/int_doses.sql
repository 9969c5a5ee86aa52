{{ config(materialized="view") }}

{#- What was recorded is kept once, in the raw rows; what was found stands with the few doses that have it. -#}
with
    doses as (select * from {{ ref("int_doses__current") }}),

    vaccines as (
        select vaccine_code, any_value(vaccine) as vaccine
        from {{ ref("int_vaccines") }}
        group by vaccine_code
    ),

    faulty as (
        select
            _delivery,
            _table,
            _row,
            any_value(is_orphan) as is_orphan,
            any_value(rule_ids) as rule_ids
        from {{ ref("int_doses__faulty") }}
        group by _delivery, _table, _row
    )

select
    doses.dose_id,
    doses.subject_id,
    doses.dose_number,
    doses.vaccine_code,
    vaccines.vaccine,
    doses.lot_number,
    doses.injected_on,
    doses.facility_code,
    doses.recorded_at,
    doses.updated_at,
    coalesce(faulty.is_orphan, false) as is_orphan,
    coalesce(faulty.rule_ids, '') as rule_ids,
    doses._delivery,
    doses._table,
    doses._row,
    doses._increment_on
from doses
left join vaccines on doses.vaccine_code = vaccines.vaccine_code
left join
    faulty
    on doses._row = faulty._row
    and doses._table = faulty._table
    and doses._delivery = faulty._delivery
