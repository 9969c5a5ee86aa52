with
    explained as (select * from {{ ref("int_id_numbers__explained") }}),

    provinces as (select * from {{ ref("provinces") }}),

    centuries as (select * from {{ ref("id_centuries") }}),

    repaired as (
        select
            id_number,
            id_number_std,
            id_class,
            id_reason,
            case
                id_reason
                when 'dropped_zeros'
                then lpad(id_number_std, 12, '0')
                when 'separators'
                then digits_only
                when 'letters_for_digits'
                then {{ digits_in_disguise("digits_only") }}
            end as id_repair,
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
        from explained
    )

select
    repaired.id_number,
    repaired.id_number_std,
    repaired.id_class,
    repaired.id_reason,
    repaired.id_repair,
    centuries.century_year + repaired.year_digits as birth_year_inside,
    centuries.sex as sex_inside,
    {{
        rule_ids(
            {
                "SUB-ID-01": "repaired.id_number_std is null",
                "SUB-ID-02": "repaired.id_reason = 'dropped_zeros'",
                "SUB-ID-03": "repaired.id_reason is not null and repaired.id_reason <> 'dropped_zeros'",
                "SUB-ID-06": "repaired.province_code_inside is not null and provinces.province_code is null",
                "SUB-ID-08": "repaired.century_digit is not null and centuries.century_digit is null",
                "SUB-ID-10": "repaired.id_class in ('cccd12', 'cmnd9') and "
                ~ is_filler_number("repaired.id_number_std"),
                "SUB-ID-09": "repaired.id_number_std <> repaired.id_number",
            }
        )
    }}
    as rule_ids
from repaired
left join provinces on repaired.province_code_inside = provinces.province_code
left join centuries on repaired.century_digit = centuries.century_digit
