{{ config(materialized="ephemeral") }}

{#- Doses that an earlier package gave to another subject: what is left of two records that became one. -#}
with
    versions as {{ each_time() }} (select * from {{ ref("stg_vendor__doses") }}),

    doses as (select * from {{ ref("int_doses") }}),

    changed as {{ once() }} (
        select distinct dose_id
        from versions
        where _increment_on is not null and dose_id is not null
    ),

    earlier as (select * from versions where dose_id in (select dose_id from changed)),

    later as (select * from doses where dose_id in (select dose_id from changed))

select
    later.dose_id,
    later.subject_id,
    'DOSE-SUBJ-02' as rule_id,
    earlier._delivery as other_delivery,
    earlier._table as other_table,
    earlier._row as other_row,
    later._delivery,
    later._table,
    later._row
from later
inner join
    earlier
    on later.dose_id = earlier.dose_id
    and later.subject_id <> earlier.subject_id
where {{ is_in_rule_set("'DOSE-SUBJ-02'") }}
qualify
    row_number() over (
        partition by later.dose_id
        order by earlier._delivery, earlier._table, earlier._row
    )
    = 1
