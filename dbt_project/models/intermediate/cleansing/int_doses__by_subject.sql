{{ follows("int_changes", narrowed={"int_doses__current": "int_changes__doses"}) }}

{#-
    One pass over all doses: how many a subject has, and whether they are orderly: numbered from 1 without a hole or a double, each
    on a later day than the one before it by the gap in force at least, no more of them than any of the vaccines allows. On
    doses of such a subject no rule of sequence can speak; only the others are put in order and looked at one beside another.
-#}
{%- set numbers = range(1, var("most_orderly_doses") + 1) -%}
{%- set odd = 2 ** (var("most_orderly_doses") + 2) -%}
with
    doses as (select * from {{ ref("int_doses__current") }}),

    vaccines as (select * from {{ ref("int_vaccines") }}),

    gaps as (select * from {{ ref("dose_gaps") }}),

    spaced as (
        select
            doses.subject_id,
            doses.dose_number,
            doses.injected_on,
            doses.injected_on - gaps.gap_days as latest_day_before,
            vaccines.most_doses
        from doses
        left join vaccines on doses.vaccine_code = vaccines.vaccine_code
        left join
            gaps
            on vaccines.vaccine = gaps.vaccine
            and doses.dose_number between gaps.dose_number_from and gaps.dose_number_to
            and doses.injected_on >= gaps.valid_from
            and (gaps.valid_to is null or doses.injected_on <= gaps.valid_to)
        where doses.subject_id is not null
    ),

    counted as (
        select
            subject_id,
            count(*) as dose_count,
            min(most_doses) as fewest_allowed,
            {%- for number in numbers %}
                min(injected_on) filter (
                    where dose_number = {{ number }}
                ) as day_{{ number }},
                min(latest_day_before) filter (
                    where dose_number = {{ number }}
                ) as latest_day_before_{{ number }},
            {%- endfor %}
            {#- Bit by bit which numbers there are; a dose without one, without a day or of a higher number sets a bit of its own. #}
            bit_or(
                case
                    when
                        dose_number between 1 and {{ numbers | last }}
                        and injected_on is not null
                    then 1 << (dose_number - 1)
                    else {{ odd }}
                end
            ) as numbers_given
        from spaced
        group by subject_id
    )

select
    subject_id,
    dose_count,
    dose_count <= {{ numbers | last }}
    and numbers_given = (1 << least(dose_count, {{ numbers | last }})) - 1
    and coalesce(dose_count <= fewest_allowed, true)
    {%- for number in numbers[1:] %}
        and coalesce(day_{{ number }} > day_{{ number - 1 }}, true)
        and coalesce(latest_day_before_{{ number }} >= day_{{ number - 1 }}, true)
    {%- endfor %} as is_orderly
from counted
