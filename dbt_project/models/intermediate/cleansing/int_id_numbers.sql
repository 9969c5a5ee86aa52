with subjects as (select * from {{ ref("stg_vendor__subjects") }}),

provinces as (select * from {{ ref("provinces") }}),

distinct_numbers as (select distinct id_number from subjects),

stripped as (
    select
        id_number,
        {#- Nearly all numbers are valid as they stand; only the others are worth the search for white space. #}
        case when {{ is_valid_id("id_number") }} then id_number else nullif({{ trimmed("id_number") }}, '') end as id_number_std
    from distinct_numbers
),

classified as (
    select
        id_number,
        id_number_std,
        {{ id_class("id_number_std") }} as id_class,
        case
            when not {{ is_valid_id("id_number_std") }} then {{ without_separators("id_number_std") }}
        end as digits_only,
        length(id_number_std) in (10, 11) and {{ matches_whole("id_number_std", "[0-9]+") }} as is_short_of_zeros
    from stripped
),

explained as (
    select
        classified.id_number,
        classified.id_number_std,
        classified.id_class,
        case
            when classified.id_class <> 'malformed' then null
            when classified.is_short_of_zeros and provinces.province_code is not null then 'dropped_zeros'
            when {{ is_valid_id("classified.digits_only") }} then 'separators'
            when {{ is_valid_id(digits_in_disguise("classified.digits_only")) }} then 'letters_for_digits'
            when {{ matches_whole("classified.digits_only", "[0-9]+") }} then 'wrong_length'
            when {{ matches("classified.digits_only", "\\p{L}") }} then 'letters'
            else 'other_characters'
        end as id_reason,
        classified.digits_only
    from classified
    left join provinces
        on classified.is_short_of_zeros and left(lpad(classified.id_number_std, 12, '0'), 3) = provinces.province_code
),

repaired as (
    select
        id_number,
        id_number_std,
        id_class,
        id_reason,
        case id_reason
            when 'dropped_zeros' then lpad(id_number_std, 12, '0')
            when 'separators' then digits_only
            when 'letters_for_digits' then {{ digits_in_disguise("digits_only") }}
        end as id_repair,
        case when id_class = 'cccd12' then left(id_number_std, 3) end as province_code_inside,
        case when id_class = 'cccd12' then cast(substring(id_number_std, 4, 1) as integer) end as century_digit,
        case when id_class = 'cccd12' then cast(substring(id_number_std, 5, 2) as integer) end as year_digits
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
    {{ rule_ids({
        "SUB-ID-01": "repaired.id_class = 'missing'",
        "SUB-ID-02": "repaired.id_reason = 'dropped_zeros'",
        "SUB-ID-03": "repaired.id_class = 'malformed' and repaired.id_reason <> 'dropped_zeros'",
        "SUB-ID-06": "repaired.id_class = 'cccd12' and provinces.province_code is null",
        "SUB-ID-08": "repaired.id_class = 'cccd12' and centuries.century_digit is null",
        "SUB-ID-09": "repaired.id_number_std <> repaired.id_number",
    }) }} as rule_ids
from repaired
left join provinces on repaired.province_code_inside = provinces.province_code
left join {{ ref("id_centuries") }} as centuries on repaired.century_digit = centuries.century_digit
