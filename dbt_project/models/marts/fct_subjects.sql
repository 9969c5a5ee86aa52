{{
    follows(
        "int_changes__outcomes",
        narrowed={"int_subjects": "changed", "int_outcomes": "changed"},
    )
}}

with
    subjects as (select * from {{ ref("int_subjects") }}),

    outcomes as (select * from {{ ref("int_outcomes") }}),

    groups as (select * from {{ ref("id_class_groups") }}),

    classes as (select * from {{ ref("outcome_classes") }}),

    classified as (
        select
            subjects.subject_id,
            subjects.id_class,
            subjects.province_code_std as province_code,
            subjects.district_code,
            subjects.facility_code,
            subjects.is_held,
            subjects.dose_count,
            outcomes.outcome,
            outcomes.batch_id,
            outcomes.rule_id,
            outcomes.rule_version,
            outcomes.subject_id is not null as is_sent,
            groups.request_kind = 'with_id' as has_id,
            coalesce(classes.report_class, 'pending') as report_class,
            coalesce(classes.wrong_reason, 'other') as wrong_reason,
            {{
                keyed_hash(
                    [
                        "subjects._delivery",
                        "subjects._table",
                        "subjects._row",
                        "subjects.subject_id",
                    ]
                )
            }} as row_hash,
            subjects._delivery,
            subjects._table,
            subjects._row,
            subjects._increment_on
        from subjects
        inner join groups on subjects.id_class = groups.id_class
        left join outcomes on subjects.subject_id = outcomes.subject_id
        left join
            classes
            on outcomes.request_kind = classes.request_kind
            and outcomes.outcome = classes.outcome
    ),

    grouped as (
        select
            *,
            is_sent and has_id as is_with_id,
            is_sent and not has_id as is_without_id,
            is_sent and has_id and report_class = 'wrong' as is_with_id_wrong
        from classified
    )

select
    subject_id,
    id_class,
    province_code,
    district_code,
    facility_code,
    is_held,
    dose_count,
    outcome,
    batch_id,
    rule_id,
    rule_version,
    _row is not null as is_on_system,
    is_sent,
    not is_sent as is_not_sent,
    is_with_id,
    is_without_id,
    is_with_id and report_class = 'correct' as is_with_id_correct,
    is_with_id_wrong,
    is_with_id_wrong and wrong_reason = 'no_person' as is_with_id_wrong_no_person,
    is_with_id_wrong and wrong_reason = 'name_dob' as is_with_id_wrong_name_dob,
    is_with_id_wrong and wrong_reason = 'dob' as is_with_id_wrong_dob,
    is_with_id_wrong and wrong_reason = 'name' as is_with_id_wrong_name,
    is_with_id_wrong
    and wrong_reason
    not in ('no_person', 'name_dob', 'dob', 'name') as is_with_id_wrong_other,
    is_with_id and report_class not in ('correct', 'wrong') as is_with_id_pending,
    is_without_id and report_class = 'correct' as is_without_id_correct,
    is_without_id
    and report_class not in ('correct', 'pending') as is_without_id_unverified,
    is_without_id and report_class = 'pending' as is_without_id_pending,
    {{ high_half("row_hash") }} as row_hash_high,
    {{ low_half("row_hash") }} as row_hash_low,
    _delivery,
    _table,
    _row,
    _increment_on
from grouped
