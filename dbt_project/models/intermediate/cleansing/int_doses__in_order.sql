{{ config(materialized="ephemeral") }}

with
    doses as (select * from {{ ref("int_doses__current") }}),

    vaccines as (select * from {{ ref("int_vaccines") }}),

    vaccinated as (
        select doses.*, vaccines.vaccine, vaccines.licensed_on, vaccines.most_doses
        from doses
        left join vaccines on doses.vaccine_code = vaccines.vaccine_code
    ),

    by_day as {{ once() }} (
        select
            *,
            lag(injected_on) over subject_days as previous_injected_on,
            lead(injected_on) over subject_days as next_injected_on,
            first_value(most_doses) over subject_days as first_most_doses,
            lag(dose_number, 1, 0) over subject_days as previous_dose_number,
            lead(dose_number) over subject_days as next_dose_number
        from vaccinated
        window
            subject_days as (
                partition by subject_id order by injected_on, dose_number, dose_id
            )
    ),

    {#- Nearly everybody's doses have the same order by number as by day; only the others are ordered once more. #}
    disordered as (
        select distinct subject_id
        from by_day
        where
            dose_number is null
            or injected_on is null
            or dose_number <= previous_dose_number
            and previous_injected_on is not null
    ),

    by_number as (
        select
            * exclude (previous_dose_number, next_dose_number),
            lag(dose_number, 1, 0) over subject_numbers as previous_dose_number,
            lead(dose_number) over subject_numbers as next_dose_number,
            lag(injected_on) over subject_numbers as injected_on_before_this_number
        from by_day
        where subject_id in (select subject_id from disordered)
        window
            subject_numbers as (
                partition by subject_id order by dose_number, injected_on, dose_id
            )
    ),

    in_order as (
        select *, previous_injected_on as injected_on_before_this_number
        from by_day
        where
            subject_id is null
            or subject_id
            not in (select subject_id from disordered where subject_id is not null)
        union all by name
        select *
        from by_number
    )

select
    dose_id,
    subject_id,
    dose_number,
    vaccine_code,
    vaccine,
    licensed_on,
    lot_number,
    injected_on,
    facility_code,
    recorded_at,
    updated_at,
    previous_injected_on,
    next_injected_on,
    first_most_doses as most_doses,
    previous_dose_number,
    next_dose_number,
    injected_on_before_this_number,
    _delivery,
    _table,
    _row,
    _increment_on
from in_order
