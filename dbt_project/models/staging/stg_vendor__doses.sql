with vendor_rows as (select * from {{ source("raw", "doses") }})

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
from vendor_rows
