with
    doses as (select * from {{ ref("int_doses__current") }}),

    subjects as (select * from {{ ref("int_subjects__judged") }}),

    vaccines as (select * from {{ ref("int_vaccines") }}),

    facilities as (
        select distinct facility_code from {{ ref("stg_vendor__facilities") }}
    ),

    gaps as (select * from {{ ref("dose_gaps") }}),

    limits as (select * from {{ ref("limits") }}),

    in_order as (
        select
            doses.*,
            lag(doses.injected_on) over subject_days as previous_injected_on,
            lead(doses.injected_on) over subject_days as next_injected_on,
            lag(doses.dose_number, 1, 0) over subject_numbers as previous_dose_number
        from doses
        window
            subject_days as (
                partition by doses.subject_id
                order by doses.injected_on, doses.dose_number, doses.dose_id
            ),
            subject_numbers as (
                partition by doses.subject_id
                order by doses.dose_number, doses.injected_on, doses.dose_id
            )
    ),

    joined as (
        select
            in_order.*,
            subjects.subject_id is null as is_orphan,
            subjects.date_of_birth_std,
            vaccines.vaccine,
            vaccines.licensed_on,
            facilities.facility_code is null as is_facility_unknown,
            least(
                coalesce({{ local_date("in_order.recorded_at") }}, {{ as_of() }}),
                {{ as_of() }}
            ) as known_on,
            in_order.injected_on - in_order.previous_injected_on as days_since_previous,
            gaps.gap_days,
            limits.campaign_started_on,
            limits.most_doses
        from in_order
        cross join limits
        left join subjects on in_order.subject_id = subjects.subject_id
        left join vaccines on in_order.vaccine_code = vaccines.vaccine_code
        left join facilities on in_order.facility_code = facilities.facility_code
        left join
            gaps
            on vaccines.vaccine = gaps.vaccine
            and in_order.dose_number
            between gaps.dose_number_from and gaps.dose_number_to
            and in_order.injected_on >= gaps.valid_from
            and (gaps.valid_to is null or in_order.injected_on <= gaps.valid_to)
    )

select
    dose_id,
    subject_id,
    dose_number,
    vaccine_code,
    vaccine,
    lot_number,
    injected_on,
    previous_injected_on,
    facility_code,
    recorded_at,
    updated_at,
    is_orphan,
    {{
        rule_ids(
            {
                "DOSE-SUBJ-01": "is_orphan",
                "DOSE-DATE-01": "injected_on < campaign_started_on",
                "DOSE-DATE-02": "injected_on > known_on",
                "DOSE-DATE-03": "injected_on < date_of_birth_std",
                "DOSE-DATE-04": "injected_on is null",
                "DOSE-DAY-01": "injected_on in (previous_injected_on, next_injected_on)",
                "DOSE-VAC-01": "vaccine is null",
                "DOSE-VAC-02": "injected_on < licensed_on",
                "DOSE-NUM-01": "dose_number > previous_dose_number + 1",
                "DOSE-NUM-02": "dose_number > most_doses",
                "DOSE-GAP-01": "days_since_previous < gap_days and days_since_previous > 0",
                "DOSE-FAC-01": "is_facility_unknown",
            }
        )
    }}
    as rule_ids,
    _delivery,
    _table,
    _row,
    _increment_on
from joined
