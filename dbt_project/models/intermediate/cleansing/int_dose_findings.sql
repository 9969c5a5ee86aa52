with
    doses as (select * from {{ ref("int_doses") }}),

    rules as (select * from {{ ref("cleansing_rules") }}),

    findings as (
        select
            dose_id,
            subject_id,
            {{ rows_of(words("rule_ids")) }} as rule_id,
            _delivery,
            _table,
            _row
        from doses
        where rule_ids <> ''
    )

select
    findings.dose_id,
    findings.subject_id,
    findings.rule_id,
    rules.field,
    rules.severity,
    cast(null as varchar) as proposed_repair,
    findings._delivery,
    findings._table,
    findings._row
from findings
left join rules on findings.rule_id = rules.rule_id
