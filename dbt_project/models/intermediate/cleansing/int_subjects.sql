{{ config(materialized="view") }}

with subjects as (select * from {{ ref("int_subjects__judged") }})

select
    subject_id,
    full_name,
    full_name_std,
    name_key,
    is_name_without_diacritics,
    date_of_birth,
    date_of_birth_std,
    date_of_birth_precision,
    sex,
    sex_std,
    id_number,
    id_number_std,
    id_type,
    id_class,
    id_reason,
    id_repair,
    province_code,
    province_code_std,
    province_name,
    district_code,
    phone,
    address,
    facility_code,
    recorded_at,
    updated_at,
    is_held,
    dose_count,
    _delivery,
    _table,
    _row,
    _increment_on
from subjects
