{{
    follows(
        "int_changes__groups",
        only="is_anew",
        narrowed={
            "int_subjects": "int_changes__neighbours",
            "stg_vendor__subjects": "changed",
        },
    )
}}

with
    judged as (select * from {{ ref("int_subject_findings__judged") }}),

    duplicates as (select * from {{ ref("int_subject_findings__duplicates") }}),

    absorbed as (select * from {{ ref("int_subject_findings__absorbed") }}),

    rules as (select * from {{ ref("int_rules") }}),

    ruled as (
        select
            judged.subject_id,
            judged.rule_id,
            rules.field,
            rules.severity,
            case
                rules.proposes
                when 'full_name_std'
                then judged.full_name_std
                when 'full_name_repair'
                then judged.full_name_repair
                when 'date_of_birth_std'
                then judged.date_of_birth_std
                when 'date_of_birth_repair'
                then judged.date_of_birth_repair
                when 'id_repair'
                then judged.id_repair
            end as proposed_repair,
            cast(null as varchar) as other_delivery,
            cast(null as varchar) as other_table,
            cast(null as bigint) as other_row,
            judged._delivery,
            judged._table,
            judged._row
        from judged
        left join rules on judged.rule_id = rules.rule_id
    ),

    beside_another as (
        select *
        from duplicates
        union all
        select *
        from absorbed
    )

select *
from ruled
union all
select
    beside_another.subject_id,
    beside_another.rule_id,
    rules.field,
    rules.severity,
    cast(null as varchar) as proposed_repair,
    beside_another.other_delivery,
    beside_another.other_table,
    beside_another.other_row,
    beside_another._delivery,
    beside_another._table,
    beside_another._row
from beside_another
left join rules on beside_another.rule_id = rules.rule_id
