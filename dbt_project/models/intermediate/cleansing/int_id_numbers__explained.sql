{{ config(materialized="ephemeral") }}

with
    subjects as (select * from {{ ref("stg_vendor__subjects") }}),

    provinces as (select * from {{ ref("provinces") }}),

    {#- Nearly all numbers are valid as they stand: int_subjects tells their class without a look here. #}
    distinct_numbers as (
        select distinct id_number
        from subjects
        where id_number is null or not {{ is_valid_id("id_number") }}
    ),

    stripped as (
        select id_number, nullif({{ trimmed("id_number") }}, '') as id_number_std
        from distinct_numbers
    ),

    classified as (
        select
            id_number,
            id_number_std,
            {{ id_class("id_number_std") }} as id_class,
            case
                when not {{ is_valid_id("id_number_std") }}
                then {{ without_separators("id_number_std") }}
            end as digits_only,
            {{ matches_whole("id_number_std", "[0-9]{10,11}") }} as is_short_of_zeros
        from stripped
    )

select
    classified.id_number,
    classified.id_number_std,
    classified.id_class,
    classified.digits_only,
    case
        when classified.id_class <> 'malformed'
        then null
        when classified.is_short_of_zeros and provinces.province_code is not null
        then 'dropped_zeros'
        when {{ is_valid_id("classified.digits_only") }}
        then 'separators'
        when {{ is_valid_id(digits_in_disguise("classified.digits_only")) }}
        then 'letters_for_digits'
        when {{ matches_whole("classified.digits_only", "[0-9]+") }}
        then 'wrong_length'
        when {{ matches("classified.digits_only", "\\p{L}") }}
        then 'letters'
        else 'other_characters'
    end as id_reason
from classified
left join
    provinces
    on classified.is_short_of_zeros
    and left(lpad(classified.id_number_std, 12, '0'), 3) = provinces.province_code
    {#- A telephone number or a tax code, with zeros before it, seldom has a digit of a century there. #}
    and substring(lpad(classified.id_number_std, 12, '0'), 4, 1) between '0' and '5'
