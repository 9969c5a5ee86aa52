{#- What each number of evidence says stands once, so that a subject costs a few bytes and rules are applied anew at once. -#}
{{ config(materialized="view") }}

with
    evidence as (select * from {{ ref("int_outcomes__evidence") }}),

    combinations as (select * from {{ ref("int_outcomes__combinations") }})

select
    evidence.subject_id,
    combinations.outcome,
    combinations.rule_id,
    combinations.rule_version,
    combinations.request_kind,
    combinations.name_comparison,
    combinations.date_of_birth_comparison,
    combinations.sex_comparison,
    combinations.fitting_count,
    combinations.is_superseded,
    evidence.batch_id
from evidence
left join combinations on evidence.evidence = combinations.evidence
