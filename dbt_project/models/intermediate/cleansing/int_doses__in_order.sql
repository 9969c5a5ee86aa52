{{ config(materialized="ephemeral") }}

with
    doses as (select * from {{ ref("int_doses__current") }}),

    vaccines as (select * from {{ ref("int_vaccines") }}),

    vaccinated as (
        select doses.*, vaccines.vaccine, vaccines.licensed_on, vaccines.most_doses
        from doses
        left join vaccines on doses.vaccine_code = vaccines.vaccine_code
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
    lag(injected_on) over subject_days as previous_injected_on,
    lead(injected_on) over subject_days as next_injected_on,
    first_value(most_doses) over subject_days as most_doses,
    lag(dose_number, 1, 0) over subject_numbers as previous_dose_number,
    lead(dose_number) over subject_numbers as next_dose_number,
    lag(injected_on) over subject_numbers as injected_on_before_this_number,
    _delivery,
    _table,
    _row,
    _increment_on
from vaccinated
window
    subject_days as (
        partition by subject_id order by injected_on, dose_number, dose_id
    ),
    subject_numbers as (
        partition by subject_id order by dose_number, injected_on, dose_id
    )
