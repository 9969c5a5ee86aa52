with
    facilities as (select * from {{ ref("stg_vendor__facilities") }}),

    provinces as (select * from {{ ref("provinces") }}),

    written_twice as (
        select _delivery, facility_code
        from facilities
        where facility_code is not null
        group by _delivery, facility_code
        having count(*) > 1
    )

select
    facilities.facility_code,
    facilities.facility_name,
    facilities.province_code,
    facilities.district_code,
    facilities.is_active,
    {{
        rule_ids(
            {
                "FAC-CODE-01": "coalesce(facilities.facility_code, '') = '' or written_twice.facility_code is not null",
                "FAC-NAME-01": "coalesce("
                ~ visible_text("facilities.facility_name")
                ~ ", '') = ''",
                "FAC-PLACE-01": "provinces.province_code is null",
            }
        )
    }}
    as rule_ids,
    facilities._delivery,
    facilities._table,
    facilities._row,
    facilities._increment_on
from facilities
left join provinces on facilities.province_code = provinces.province_code
left join
    written_twice
    on facilities._delivery = written_twice._delivery
    and facilities.facility_code = written_twice.facility_code
