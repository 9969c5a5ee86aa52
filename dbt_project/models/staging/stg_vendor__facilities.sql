with vendor_rows as (select * from {{ source("raw", "facilities") }})

select
    facility_code,
    facility_name,
    province_code,
    district_code,
    is_active,
    _delivery,
    _table,
    _row,
    _increment_on
from vendor_rows
