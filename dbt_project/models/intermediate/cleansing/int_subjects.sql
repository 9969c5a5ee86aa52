with
    subjects as (select * from {{ ref("int_subjects__judged") }}),

    findings as (select * from {{ ref("int_subject_findings") }}),

    doses as (select * from {{ ref("int_doses") }}),

    held as (select distinct subject_id from findings where severity = 'critical'),

    dose_counts as (
        select subject_id, count(_row) as dose_count
        from doses
        where not is_orphan
        group by subject_id
    )

select
    subjects.subject_id,
    subjects.full_name,
    subjects.full_name_std,
    subjects.name_key,
    subjects.is_name_without_diacritics,
    subjects.date_of_birth,
    subjects.date_of_birth_std,
    subjects.date_of_birth_precision,
    subjects.sex,
    subjects.sex_std,
    subjects.id_number,
    subjects.id_number_std,
    subjects.id_type,
    subjects.id_class,
    subjects.id_reason,
    subjects.id_repair,
    subjects.province_code,
    subjects.province_code_std,
    subjects.province_name,
    subjects.district_code,
    subjects.phone,
    subjects.address,
    subjects.facility_code,
    subjects.recorded_at,
    subjects.updated_at,
    held.subject_id is not null as is_held,
    coalesce(dose_counts.dose_count, 0) as dose_count,
    subjects._delivery,
    subjects._table,
    subjects._row,
    subjects._increment_on
from subjects
left join held on subjects.subject_id = held.subject_id
left join dose_counts on subjects.subject_id = dose_counts.subject_id
