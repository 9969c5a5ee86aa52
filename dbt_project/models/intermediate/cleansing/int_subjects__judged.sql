with
    subjects as (select * from {{ ref("int_subjects__standardised") }}),

    facilities as (
        select distinct facility_code from {{ ref("stg_vendor__facilities") }}
    ),

    limits as (select * from {{ ref("limits") }}),

    compared as (
        select
            subjects.*,
            facilities.facility_code is null as is_facility_unknown,
            coalesce(
                {{ local_date("subjects.recorded_at") }}, {{ as_of() }}
            ) as recorded_on,
            limits.oldest_age_years
        from subjects
        cross join limits
        left join facilities on subjects.facility_code = facilities.facility_code
    )

select
    subject_id,
    full_name,
    full_name_std,
    name_key,
    name_bare,
    full_name_repair,
    is_name_without_diacritics,
    date_of_birth,
    date_of_birth_std,
    date_of_birth_precision,
    date_of_birth_repair,
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
    {{
        all_rule_ids(
            [
                "rule_ids",
                rule_ids(
                    {
                        "SUB-DOB-03": "date_of_birth_std > recorded_on",
                        "SUB-DOB-06": "year(date_of_birth_std) < year(recorded_on) - oldest_age_years",
                        "SUB-ID-04": "birth_year_inside <> year(date_of_birth_std)",
                        "SUB-ID-05": "sex_inside <> sex_std",
                        "SUB-FAC-01": "is_facility_unknown",
                        "SUB-PLACE-01": "province_code_std is null or recorded_on < province_valid_from or recorded_on > province_valid_to",
                        "SUB-PLACE-01@1": "province_code_std is null",
                        "SUB-PLACE-02": "is_province_name_other",
                        "SUB-PLACE-02@1": "is_province_name_unlike",
                    }
                ),
            ]
        )
    }}
    as rule_ids,
    _delivery,
    _table,
    _row,
    _increment_on
from compared
