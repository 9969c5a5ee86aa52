{{ follows("int_changes__outcomes", narrowed={"int_requests": "changed"}) }}
-- No outcome is told before the gate of the subjects has spoken:
-- depends_on: {{ ref("int_subjects") }}
with
    evidence as (select * from {{ ref("int_outcomes__evidence") }}),

    rules as (select * from {{ ref("int_outcomes__rules") }})

select
    evidence.subject_id,
    rules.outcome,
    rules.rule_id,
    rules.rule_version,
    evidence.request_kind,
    evidence.name_comparison,
    evidence.date_of_birth_comparison,
    evidence.sex_comparison,
    evidence.fitting_count,
    evidence.is_superseded,
    evidence.batch_id
from evidence
left join rules on evidence.evidence = rules.evidence
