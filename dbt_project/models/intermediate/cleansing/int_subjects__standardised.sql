{{ config(materialized="ephemeral") }}

with
    subjects as (select * from {{ ref("int_subjects__current") }}),

    names as (select * from {{ ref("int_names") }}),

    dates_of_birth as (select * from {{ ref("int_dates_of_birth") }}),

    sexes as (select * from {{ ref("int_sexes") }}),

    id_numbers as (select * from {{ ref("int_id_numbers") }}),

    centuries as (select * from {{ ref("id_centuries") }}),

    provinces as (select * from {{ ref("provinces") }}),

    province_names as (select * from {{ ref("int_province_names") }}),

    {#- A number that int_id_numbers doesn't have is valid as it stands. #}
    numbered as (
        select
            subjects.*,
            case
                when id_numbers.id_class is null
                then subjects.id_number
                else id_numbers.id_number_std
            end as id_number_std,
            case
                when id_numbers.id_class is not null
                then id_numbers.id_class
                when length(subjects.id_number) = 12
                then 'cccd12'
                else 'cmnd9'
            end as id_class,
            id_numbers.id_reason,
            id_numbers.id_repair,
            id_numbers.rule_ids as id_rule_ids
        from subjects
        left join
            id_numbers on subjects.id_number is not distinct from id_numbers.id_number
    ),

    read as (
        select
            *,
            case
                when id_class = 'cccd12' then left(id_number_std, 3)
            end as province_code_inside,
            case
                when id_class = 'cccd12'
                then cast(substring(id_number_std, 4, 1) as integer)
            end as century_digit,
            case
                when id_class = 'cccd12'
                then cast(substring(id_number_std, 5, 2) as integer)
            end as year_digits
        from numbered
    )

select
    subjects.subject_id,
    subjects.district_code,
    subjects.phone,
    subjects.facility_code,
    subjects.recorded_at,
    names.full_name_std,
    names.full_name_repair,
    names.is_name_without_diacritics,
    dates_of_birth.date_of_birth_std,
    dates_of_birth.date_of_birth_precision,
    dates_of_birth.date_of_birth_repair,
    sexes.sex_std,
    subjects.id_number_std,
    subjects.id_class,
    subjects.id_reason,
    subjects.id_repair,
    centuries.century_year + subjects.year_digits as birth_year_inside,
    centuries.sex as sex_inside,
    provinces.province_code as province_code_std,
    provinces.valid_from as province_valid_from,
    provinces.valid_to as province_valid_to,
    lower(subjects.province_name)
    <> lower(provinces.province_name) as is_province_name_unlike,
    province_names.is_named
    and coalesce(
        province_names.province_code_named <> provinces.province_code,
        province_names.province_code_named is null
    ) as is_province_name_other,
    {{
        all_rule_ids(
            [
                "names.rule_ids",
                "dates_of_birth.rule_ids",
                "sexes.rule_ids",
                "subjects.id_rule_ids",
                rule_ids(
                    {
                        "SUB-ID-06": "subjects.province_code_inside is not null and id_provinces.province_code is null",
                        "SUB-ID-08": "subjects.century_digit is not null and centuries.century_digit is null",
                        "SUB-ID-10": "subjects.id_class in ('cccd12', 'cmnd9') and "
                        ~ is_filler_number("subjects.id_number_std"),
                    }
                ),
            ]
        )
    }}
    as rule_ids,
    subjects._delivery,
    subjects._table,
    subjects._row,
    subjects._increment_on
from read as subjects
left join names on subjects.full_name is not distinct from names.full_name
left join
    dates_of_birth
    on subjects.date_of_birth is not distinct from dates_of_birth.date_of_birth
left join sexes on subjects.sex is not distinct from sexes.sex
left join
    provinces as id_provinces
    on subjects.province_code_inside = id_provinces.province_code
left join centuries on subjects.century_digit = centuries.century_digit
left join provinces on subjects.province_code = provinces.province_code
left join
    province_names
    on subjects.province_name is not distinct from province_names.province_name
