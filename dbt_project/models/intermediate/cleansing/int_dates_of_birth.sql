with
    subjects as (select * from {{ ref("stg_vendor__subjects") }}),

    distinct_dates as (select distinct date_of_birth from subjects),

    stripped as (
        select date_of_birth, nullif({{ trimmed("date_of_birth") }}, '') as written
        from distinct_dates
    ),

    parts as (
        select
            date_of_birth,
            written,
            {{ birth_date_part("written", "year") }} as year_digits,
            {{ birth_date_part("written", "month") }} as month_digits,
            {{ birth_date_part("written", "day") }} as day_digits
        from stripped
    ),

    dated as (
        select
            date_of_birth,
            written,
            case
                when day_digits is not null
                then 'day'
                when month_digits is not null
                then 'month'
                else 'year'
            end as precision_written,
            {#- A part that was not written counts as the first; a day the calendar does not have gives null. #}
            try_cast(
                year_digits
                || '-'
                || lpad(coalesce(month_digits, '1'), 2, '0')
                || '-'
                || lpad(coalesce(day_digits, '1'), 2, '0') as date
            ) as date_of_birth_std
        from parts
    )

select
    date_of_birth,
    date_of_birth_std,
    case
        when date_of_birth_std is not null then precision_written
    end as date_of_birth_precision,
    {{
        rule_ids(
            {
                "SUB-DOB-01": "written is null",
                "SUB-DOB-02": "written is not null and date_of_birth_std is null",
                "SUB-DOB-04": "date_of_birth_std is not null and precision_written <> 'day'",
                "SUB-DOB-05": "precision_written = 'day' and month(date_of_birth_std) = 1 and day(date_of_birth_std) = 1",
            }
        )
    }}
    as rule_ids
from dated
