{{
    follows(
        "int_changes", narrowed={"int_subjects__current": "int_changes__subjects"}
    )
}}

with
    subjects as (select * from {{ ref("int_subjects__standardised") }}),

    facilities as (
        select distinct facility_code from {{ ref("stg_vendor__facilities") }}
    ),

    limits as (select * from {{ ref("limits") }}),

    rules as (select * from {{ ref("int_rules") }}),

    {#- A finding of one of these holds a subject back. #}
    critical as (
        select {{ list_of("rule_id") }} as critical_rule_ids
        from rules
        where severity = 'critical'
    ),

    doses as (select * from {{ ref("int_doses__by_subject") }}),

    compared as (
        select
            subjects.*,
            facilities.facility_code is null as is_facility_unknown,
            coalesce(
                {{ local_date("subjects.recorded_at") }}, {{ as_of() }}
            ) as recorded_on,
            limits.oldest_age_years
        from subjects
        cross join limits
        left join facilities on subjects.facility_code = facilities.facility_code
    ),

    judged as (
        select
            *,
            {{
                all_rule_ids(
                    [
                        "rule_ids",
                        rule_ids(
                            {
                                "SUB-DOB-03": "date_of_birth_std > recorded_on",
                                "SUB-DOB-06": "year(date_of_birth_std) < year(recorded_on) - oldest_age_years",
                                "SUB-ID-04": "birth_year_inside <> year(date_of_birth_std)",
                                "SUB-ID-05": "sex_inside <> sex_std",
                                "SUB-FAC-01": "is_facility_unknown",
                                "SUB-PLACE-01": "province_code_std is null or recorded_on < province_valid_from or recorded_on > province_valid_to",
                                "SUB-PLACE-01@1": "province_code_std is null",
                                "SUB-PLACE-02": "is_province_name_other",
                                "SUB-PLACE-02@1": "is_province_name_unlike",
                            }
                        ),
                    ]
                )
            }}
            as every_rule_id
        from compared
    )

select
    judged.subject_id,
    judged.full_name_std,
    judged.full_name_repair,
    judged.is_name_without_diacritics,
    judged.date_of_birth_std,
    judged.date_of_birth_precision,
    judged.date_of_birth_repair,
    judged.sex_std,
    judged.id_number_std,
    judged.id_class,
    judged.id_reason,
    judged.id_repair,
    judged.province_code_std,
    judged.district_code,
    judged.phone,
    judged.facility_code,
    judged.recorded_at,
    case
        when judged.every_rule_id <> ''
        then
            {{
                have_common_item(
                    words("judged.every_rule_id"), "critical.critical_rule_ids"
                )
            }}
        else false
    end as is_held,
    coalesce(doses.dose_count, 0) as dose_count,
    judged.every_rule_id as rule_ids,
    judged._delivery,
    judged._table,
    judged._row,
    judged._increment_on
from judged
cross join critical
left join doses on judged.subject_id = doses.subject_id
