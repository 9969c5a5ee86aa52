{{ config(materialized="view") }}

with
    versions as {{ each_time() }} (select * from {{ ref("stg_vendor__doses") }}),

    latest as (
        {{
            latest_rows(
                "versions",
                key="dose_id",
                order_by="_increment_on desc nulls last, updated_at desc nulls last, _row desc",
                later="_increment_on is not null",
            )
        }}
    )

select
    dose_id,
    subject_id,
    dose_number,
    vaccine_code,
    lot_number,
    injected_on,
    facility_code,
    recorded_at,
    updated_at,
    _delivery,
    _table,
    _row,
    _increment_on
from latest
