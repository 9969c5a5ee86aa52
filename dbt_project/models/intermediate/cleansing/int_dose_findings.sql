{{
    follows(
        "int_changes",
        narrowed={"int_doses__faulty": "changed", "int_doses": "doses of changed"},
    )
}}

with
    doses as (select * from {{ ref("int_doses__faulty") }}),

    moved as (select * from {{ ref("int_dose_findings__moved") }}),

    rules as (select * from {{ ref("int_rules") }}),

    faulty as (
        select
            dose_id,
            subject_id,
            {{ rows_of(words("rule_ids")) }} as rule_id,
            cast(null as varchar) as other_delivery,
            cast(null as varchar) as other_table,
            cast(null as bigint) as other_row,
            _delivery,
            _table,
            _row
        from doses
        where rule_ids <> ''
    ),

    findings as (
        select *
        from faulty
        union all
        select *
        from moved
    )

select
    findings.dose_id,
    findings.subject_id,
    findings.rule_id,
    rules.field,
    rules.severity,
    cast(null as varchar) as proposed_repair,
    findings.other_delivery,
    findings.other_table,
    findings.other_row,
    findings._delivery,
    findings._table,
    findings._row
from findings
left join rules on findings.rule_id = rules.rule_id
