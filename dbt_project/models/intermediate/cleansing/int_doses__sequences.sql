{{ follows("int_changes", narrowed={"int_doses__current": "int_changes__doses"}) }}

{#- What a dose shows only beside the subject's other doses. Only doses on which a rule speaks are kept. -#}
{%- set by_number = {
    "DOSE-NUM-01": "dose_number > previous_dose_number + 1",
    "DOSE-NUM-03": "dose_number >= 1 and dose_number in (previous_dose_number, next_dose_number)",
    "DOSE-NUM-04": "injected_on_before_this_number > injected_on and previous_dose_number < dose_number",
} -%}
with
    doses as (select * from {{ ref("int_doses__current") }}),

    vaccines as (select * from {{ ref("int_vaccines") }}),

    gaps as (select * from {{ ref("dose_gaps") }}),

    by_subject as (select * from {{ ref("int_doses__by_subject") }}),

    vaccinated as {{ once() }} (
        select
            doses.dose_id,
            doses.subject_id,
            doses.dose_number,
            doses.injected_on,
            vaccines.vaccine,
            vaccines.most_doses,
            doses._delivery,
            doses._table,
            doses._row
        from doses
        left join vaccines on doses.vaccine_code = vaccines.vaccine_code
        where
            doses.subject_id in (select subject_id from by_subject where not is_orderly)
    ),

    by_day as (
        select
            *,
            lag(injected_on) over subject_days as previous_injected_on,
            lead(injected_on) over subject_days as next_injected_on,
            first_value(most_doses) over subject_days as first_most_doses,
            lag(dose_number, 1, 0) over subject_days as previous_dose_number
        from vaccinated
        window
            subject_days as (
                partition by subject_id order by injected_on, dose_number, dose_id
            )
    ),

    spaced as (
        select
            by_day.*,
            by_day.injected_on - by_day.previous_injected_on < gaps.gap_days
            and by_day.injected_on > by_day.previous_injected_on as is_gap_short,
            by_day.dose_number is null
            or by_day.injected_on is null
            or by_day.dose_number <= by_day.previous_dose_number
            and by_day.previous_injected_on is not null as is_out_of_order
        from by_day
        left join
            gaps
            on by_day.vaccine = gaps.vaccine
            and by_day.dose_number between gaps.dose_number_from and gaps.dose_number_to
            and by_day.injected_on >= gaps.valid_from
            and (gaps.valid_to is null or by_day.injected_on <= gaps.valid_to)
    ),

    speaking as {{ once() }} (
        select
            *,
            {{
                rule_ids(
                    {
                        "DOSE-DAY-01": "injected_on in (previous_injected_on, next_injected_on)",
                        "DOSE-NUM-02": "dose_number > first_most_doses",
                        "DOSE-GAP-01": "is_gap_short",
                    }
                )
            }}
            as day_rule_ids,
            {{ rule_ids({"DOSE-NUM-01": by_number["DOSE-NUM-01"]}) }} as number_rule_ids
        from spaced
        where
            is_out_of_order
            or is_gap_short
            or injected_on in (previous_injected_on, next_injected_on)
            or dose_number > first_most_doses
            or dose_number > previous_dose_number + 1
    ),

    {#- Nearly everybody's doses have the same order by number as by day; only the others are ordered once more. #}
    disordered as (select distinct subject_id from speaking where is_out_of_order),

    by_number as (
        select
            *,
            lag(dose_number, 1, 0) over subject_numbers as previous_dose_number,
            lead(dose_number) over subject_numbers as next_dose_number,
            lag(injected_on) over subject_numbers as injected_on_before_this_number
        from vaccinated
        where subject_id in (select subject_id from disordered)
        window
            subject_numbers as (
                partition by subject_id order by dose_number, injected_on, dose_id
            )
    ),

    findings as (
        select day_rule_ids as rule_ids, dose_id, subject_id, _delivery, _table, _row
        from speaking
        union all
        select number_rule_ids as rule_ids, dose_id, subject_id, _delivery, _table, _row
        from speaking
        where subject_id not in (select subject_id from disordered)
        union all
        select
            {{ rule_ids(by_number) }} as rule_ids,
            dose_id,
            subject_id,
            _delivery,
            _table,
            _row
        from by_number
    )

select
    dose_id,
    subject_id,
    {{ words_together("rule_ids") }} as rule_ids,
    _delivery,
    _table,
    _row
from findings
where rule_ids <> ''
group by dose_id, subject_id, _delivery, _table, _row
