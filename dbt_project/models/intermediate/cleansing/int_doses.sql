with
    doses as (select * from {{ ref("int_doses__in_order") }}),

    subjects as (select * from {{ ref("int_subjects__judged") }}),

    facilities as (
        select distinct facility_code from {{ ref("stg_vendor__facilities") }}
    ),

    gaps as (select * from {{ ref("dose_gaps") }}),

    limits as (select * from {{ ref("limits") }}),

    ages as (select * from {{ ref("age_limits") }}),

    joined as (
        select
            doses.*,
            subjects.subject_id is null as is_orphan,
            subjects.date_of_birth_std,
            facilities.facility_code is null as is_facility_unknown,
            least(
                coalesce({{ local_date("doses.recorded_at") }}, {{ as_of() }}),
                {{ as_of() }}
            ) as known_on,
            doses.injected_on - doses.previous_injected_on as days_since_previous,
            gaps.gap_days,
            ages.least_age_years,
            limits.campaign_started_on
        from doses
        cross join limits
        left join subjects on doses.subject_id = subjects.subject_id
        left join facilities on doses.facility_code = facilities.facility_code
        left join
            gaps
            on doses.vaccine = gaps.vaccine
            and doses.dose_number between gaps.dose_number_from and gaps.dose_number_to
            and doses.injected_on >= gaps.valid_from
            and (gaps.valid_to is null or doses.injected_on <= gaps.valid_to)
        left join
            ages
            on doses.vaccine = ages.vaccine
            and doses.injected_on >= ages.valid_from
            and (ages.valid_to is null or doses.injected_on <= ages.valid_to)
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
                "DOSE-NUM-03": "dose_number is null or dose_number < 1"
                ~ " or dose_number in (previous_dose_number, next_dose_number)",
                "DOSE-NUM-04": "injected_on_before_this_number > injected_on"
                ~ " and previous_dose_number < dose_number",
                "DOSE-AGE-01": "injected_on >= date_of_birth_std"
                ~ " and injected_on < "
                ~ years_after("date_of_birth_std", "least_age_years"),
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
