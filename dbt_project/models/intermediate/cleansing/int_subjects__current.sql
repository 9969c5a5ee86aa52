{{ config(materialized="view") }}

with
    versions as {{ each_time() }} (select * from {{ ref("stg_vendor__subjects") }}),

    latest as (
        {{
            latest_rows(
                "versions",
                key="subject_id",
                order_by="_increment_on desc nulls last, updated_at desc nulls last, _row desc",
                later="_increment_on is not null",
            )
        }}
    )

select
    subject_id,
    full_name,
    date_of_birth,
    sex,
    id_number,
    id_type,
    province_code,
    province_name,
    district_code,
    phone,
    address,
    facility_code,
    recorded_at,
    updated_at,
    _delivery,
    _table,
    _row,
    _increment_on
from latest
