with vendor_rows as (select * from {{ source("raw", "vaccines") }})

select vaccine_code, vaccine_name, licensed_on, _delivery, _table, _row, _increment_on
from vendor_rows
