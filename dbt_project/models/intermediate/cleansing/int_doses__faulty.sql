{{ follows("int_changes", narrowed={"int_doses__current": "int_changes__doses"}) }}

{#- Doses on which a rule speaks, alone or beside the subject's other doses. All rows stream through, and few are written. -#}
with
    doses as (select * from {{ ref("int_doses__current") }}),

    sequences as (select * from {{ ref("int_doses__sequences") }}),

    vaccines as (select * from {{ ref("int_vaccines") }}),

    subjects as (select * from {{ ref("int_subjects") }}),

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
            subjects.subject_id is null as is_orphan,
            subjects.date_of_birth_std,
            facilities.facility_code is null as is_facility_unknown,
            ages.least_age_years,
            limits.campaign_started_on
        from doses
        cross join limits
        left join vaccines on doses.vaccine_code = vaccines.vaccine_code
        left join subjects on doses.subject_id = subjects.subject_id
        left join facilities on doses.facility_code = facilities.facility_code
        left join
            ages
            on vaccines.vaccine = ages.vaccine
            and doses.injected_on >= ages.valid_from
            and (ages.valid_to is null or doses.injected_on <= ages.valid_to)
    ),

    judged as (
        select
            dose_id,
            subject_id,
            is_orphan,
            {{
                rule_ids(
                    {
                        "DOSE-SUBJ-01": "is_orphan",
                        "DOSE-DATE-01": "injected_on < campaign_started_on",
                        "DOSE-DATE-02": "injected_on > "
                        ~ as_of()
                        ~ " or injected_on > "
                        ~ local_date("recorded_at"),
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
                )
            }} as rule_ids,
            _delivery,
            _table,
            _row
        from joined
    ),

    findings as (
        select *, cast('' as varchar) as sequence_rule_ids
        from judged
        where is_orphan or rule_ids <> ''
        union all
        select
            dose_id,
            subject_id,
            cast(false as boolean) as is_orphan,
            cast('' as varchar) as rule_ids,
            _delivery,
            _table,
            _row,
            rule_ids as sequence_rule_ids
        from sequences
    )

select
    dose_id,
    subject_id,
    max(is_orphan) as is_orphan,
    {{ all_rule_ids(["max(rule_ids)", "max(sequence_rule_ids)"]) }} as rule_ids,
    _delivery,
    _table,
    _row
from findings
group by dose_id, subject_id, _delivery, _table, _row
