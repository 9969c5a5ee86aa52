{{ follows(grows_by="date_of_birth", narrowed={"stg_vendor__subjects": "later"}) }}

with
    subjects as (select * from {{ ref("stg_vendor__subjects") }}),

    distinct_dates as (select distinct date_of_birth from subjects),

    stripped as (
        select
            date_of_birth,
            {{ nfc("nullif(" ~ trimmed("date_of_birth") ~ ", '')") }} as written
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
            {#- A part that was not written counts as the first. #}
            {{
                day_of(
                    "nullif(year_digits, '0000')",
                    "coalesce(month_digits, '1')",
                    "coalesce(day_digits, '1')",
                )
            }} as date_of_birth_std,
            {{ birth_date_repair("written") }} as day_meant
        from parts
    )

select
    date_of_birth,
    date_of_birth_std,
    case
        when date_of_birth_std is not null then precision_written
    end as date_of_birth_precision,
    case
        when date_of_birth_std is null then {{ written_day("day_meant") }}
    end as date_of_birth_repair,
    {{
        rule_ids(
            {
                "SUB-DOB-01": "written is null",
                "SUB-DOB-02@1": "written is not null and date_of_birth_std is null",
                "SUB-DOB-02": "written is not null and date_of_birth_std is null",
                "SUB-DOB-04": "date_of_birth_std is not null and precision_written <> 'day'",
                "SUB-DOB-05": "precision_written = 'day' and month(date_of_birth_std) = 1 and day(date_of_birth_std) = 1",
                "SUB-DOB-07": "date_of_birth_std is not null and "
                ~ is_unusual_birth_date("written"),
            }
        )
    }}
    as rule_ids
from dated
