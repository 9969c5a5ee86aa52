{{ config(materialized="ephemeral") }}

{#- Subjects whose row a later package gave to another person: name and full date of birth both differ from an earlier row. -#}
with
    versions as (select * from {{ ref("stg_vendor__subjects") }}),

    current_rows as (select * from {{ ref("int_subjects") }}),

    names as (select * from {{ ref("int_names") }}),

    dates_of_birth as (select * from {{ ref("int_dates_of_birth") }}),

    changed as (
        select subject_id
        from versions
        where _increment_on is not null and subject_id is not null
    ),

    later as (
        select * from current_rows where subject_id in (select subject_id from changed)
    ),

    earlier as (
        select
            versions.subject_id,
            names.full_name_std,
            dates_of_birth.date_of_birth_std,
            dates_of_birth.date_of_birth_precision,
            versions._delivery,
            versions._table,
            versions._row
        from versions
        left join names on versions.full_name is not distinct from names.full_name
        left join
            dates_of_birth
            on versions.date_of_birth is not distinct from dates_of_birth.date_of_birth
        where versions.subject_id in (select subject_id from changed)
    )

select
    later.subject_id,
    'SUB-ABS-01' as rule_id,
    earlier._delivery as other_delivery,
    earlier._table as other_table,
    earlier._row as other_row,
    later._delivery,
    later._table,
    later._row
from later
inner join earlier on later.subject_id = earlier.subject_id
where
    {{ is_in_rule_set("'SUB-ABS-01'") }}
    and later.full_name_std <> earlier.full_name_std
    and later.date_of_birth_std <> earlier.date_of_birth_std
    and later.date_of_birth_precision = 'day'
    and earlier.date_of_birth_precision = 'day'
qualify
    row_number() over (
        partition by later.subject_id
        order by earlier._delivery, earlier._table, earlier._row
    )
    = 1
