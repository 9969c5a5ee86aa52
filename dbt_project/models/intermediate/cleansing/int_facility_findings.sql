with
    facilities as (select * from {{ ref("int_facilities") }}),

    rules as (select * from {{ ref("int_rules") }}),

    findings as (
        select
            facility_code,
            {{ rows_of(words("rule_ids")) }} as rule_id,
            _delivery,
            _table,
            _row
        from facilities
        where rule_ids <> ''
    )

select
    findings.facility_code,
    findings.rule_id,
    rules.field,
    rules.severity,
    findings._delivery,
    findings._table,
    findings._row
from findings
left join rules on findings.rule_id = rules.rule_id
