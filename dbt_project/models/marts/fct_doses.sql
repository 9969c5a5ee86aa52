{{
    follows(
        "int_changes__outcomes",
        narrowed={
            "int_doses": "doses of changed",
            "int_dose_findings": "changed",
            "fct_subjects": "changed",
        },
    )
}}

with
    doses as (select * from {{ ref("int_doses") }}),

    findings as (select * from {{ ref("int_dose_findings") }}),

    subjects as (
        select subject_id, province_code, is_sent, {{ figure_mask() }} as figure_mask
        from {{ ref("fct_subjects") }}
    ),

    finding_counts as (
        select dose_id, count(rule_id) as finding_count from findings group by dose_id
    )

select
    doses.dose_id,
    doses.subject_id,
    doses.dose_number,
    doses.vaccine_code,
    doses.vaccine,
    doses.injected_on,
    doses.facility_code,
    subjects.province_code,
    doses.is_orphan,
    coalesce(subjects.is_sent, false) as is_sent,
    subjects.figure_mask,
    coalesce(finding_counts.finding_count, 0) as finding_count,
    doses._delivery,
    doses._table,
    doses._row,
    doses._increment_on
from doses
left join subjects on doses.subject_id = subjects.subject_id
left join finding_counts on doses.dose_id = finding_counts.dose_id
