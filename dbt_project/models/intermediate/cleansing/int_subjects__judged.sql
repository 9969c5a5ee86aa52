with subjects as (select * from {{ ref("int_subjects__current") }}),

names as (select * from {{ ref("int_names") }}),

id_numbers as (select * from {{ ref("int_id_numbers") }}),

dates_of_birth as (select * from {{ ref("int_dates_of_birth") }}),

sexes as (select * from {{ ref("int_sexes") }}),

facilities as (select distinct facility_code from {{ ref("stg_vendor__facilities") }}),

provinces as (select * from {{ ref("provinces") }}),

limits as (select * from {{ ref("limits") }}),

joined as (
    select
        subjects.*,
        names.full_name_std,
        names.name_key,
        names.is_name_without_diacritics,
        id_numbers.id_number_std,
        id_numbers.id_class,
        id_numbers.id_reason,
        id_numbers.id_repair,
        id_numbers.birth_year_inside,
        id_numbers.sex_inside,
        dates_of_birth.date_of_birth_std,
        dates_of_birth.date_of_birth_precision,
        sexes.sex_std,
        provinces.province_code as province_code_std,
        coalesce({{ local_date("subjects.recorded_at") }}, {{ as_of() }}) as recorded_on,
        year(dates_of_birth.date_of_birth_std) as birth_year,
        concat_ws(
            ' ',
            nullif(names.rule_ids, ''),
            nullif(dates_of_birth.rule_ids, ''),
            nullif(sexes.rule_ids, ''),
            nullif(id_numbers.rule_ids, '')
        ) as value_rule_ids,
        facilities.facility_code is null as is_facility_unknown,
        lower(subjects.province_name) <> lower(provinces.province_name) as is_province_name_other,
        limits.oldest_age_years
    from subjects
    cross join limits
    left join names on subjects.full_name is not distinct from names.full_name
    left join id_numbers on subjects.id_number is not distinct from id_numbers.id_number
    left join dates_of_birth on subjects.date_of_birth is not distinct from dates_of_birth.date_of_birth
    left join sexes on subjects.sex is not distinct from sexes.sex
    left join facilities on subjects.facility_code = facilities.facility_code
    left join provinces on subjects.province_code = provinces.province_code
)

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
    concat_ws(
        ' ',
        nullif(value_rule_ids, ''),
        nullif({{ rule_ids({
            "SUB-DOB-03": "date_of_birth_std > recorded_on",
            "SUB-DOB-06": "birth_year < year(recorded_on) - oldest_age_years",
            "SUB-ID-04": "birth_year_inside <> birth_year",
            "SUB-ID-05": "sex_inside <> sex_std",
            "SUB-FAC-01": "is_facility_unknown",
            "SUB-PLACE-01": "province_code_std is null",
            "SUB-PLACE-02": "is_province_name_other",
        }) }}, '')
    ) as rule_ids,
    _delivery,
    _table,
    _row,
    _increment_on
from joined
