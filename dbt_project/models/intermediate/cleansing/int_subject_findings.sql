with
    judged as (select * from {{ ref("int_subject_findings__judged") }}),

    duplicates as (select * from {{ ref("int_subject_findings__duplicates") }}),

    rules as (select * from {{ ref("cleansing_rules") }}),

    findings as (
        select subject_id, rule_id, full_name_std, id_repair, _delivery, _table, _row
        from judged
        union all
        select subject_id, rule_id, null, null, _delivery, _table, _row
        from duplicates
    )

select
    findings.subject_id,
    findings.rule_id,
    rules.field,
    rules.severity,
    case
        rules.proposes
        when 'full_name_std'
        then findings.full_name_std
        when 'id_repair'
        then findings.id_repair
    end as proposed_repair,
    findings._delivery,
    findings._table,
    findings._row
from findings
left join rules on findings.rule_id = rules.rule_id
