with vendor_rows as (select * from {{ source("raw", "subjects") }})

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
from vendor_rows
