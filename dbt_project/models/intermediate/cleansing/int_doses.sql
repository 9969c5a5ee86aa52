with
    doses as (select * from {{ ref("int_doses__current") }}),

    sequences as (select * from {{ ref("int_doses__sequences") }}),

    vaccines as (select * from {{ ref("int_vaccines") }}),

    subjects as (select * from {{ ref("int_subjects__judged") }}),

    facilities as (
        select distinct facility_code from {{ ref("stg_vendor__facilities") }}
    ),

    limits as (select * from {{ ref("limits") }}),

    ages as (select * from {{ ref("age_limits") }}),

    joined as (
        select
            doses.*,
            vaccines.vaccine,
            vaccines.licensed_on,
            sequences.rule_ids as sequence_rule_ids,
            subjects.subject_id is null as is_orphan,
            subjects.date_of_birth_std,
            facilities.facility_code is null as is_facility_unknown,
            least(
                coalesce({{ local_date("doses.recorded_at") }}, {{ as_of() }}),
                {{ as_of() }}
            ) as known_on,
            ages.least_age_years,
            limits.campaign_started_on
        from doses
        cross join limits
        left join vaccines on doses.vaccine_code = vaccines.vaccine_code
        left join
            sequences
            on doses._row = sequences._row
            and doses._table = sequences._table
            and doses._delivery = sequences._delivery
        left join subjects on doses.subject_id = subjects.subject_id
        left join facilities on doses.facility_code = facilities.facility_code
        left join
            ages
            on vaccines.vaccine = ages.vaccine
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
    facility_code,
    recorded_at,
    updated_at,
    is_orphan,
    {{
        all_rule_ids(
            [
                rule_ids(
                    {
                        "DOSE-SUBJ-01": "is_orphan",
                        "DOSE-DATE-01": "injected_on < campaign_started_on",
                        "DOSE-DATE-02": "injected_on > known_on",
                        "DOSE-DATE-03": "injected_on < date_of_birth_std",
                        "DOSE-DATE-04": "injected_on is null",
                        "DOSE-VAC-01": "vaccine is null",
                        "DOSE-VAC-02": "injected_on < licensed_on",
                        "DOSE-NUM-03": "dose_number is null or dose_number < 1",
                        "DOSE-AGE-01": "injected_on >= date_of_birth_std"
                        ~ " and injected_on < "
                        ~ years_after("date_of_birth_std", "least_age_years"),
                        "DOSE-FAC-01": "is_facility_unknown",
                    }
                ),
                "sequence_rule_ids",
            ]
        )
    }} as rule_ids,
    _delivery,
    _table,
    _row,
    _increment_on
from joined
