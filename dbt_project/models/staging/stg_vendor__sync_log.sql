with vendor_rows as (select * from {{ source("raw", "sync_log") }})

select
    synced_on, subject_count, dose_count, status, _delivery, _table, _row, _increment_on
from vendor_rows
