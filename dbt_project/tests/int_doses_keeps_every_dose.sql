-- Nothing is dropped or doubled by cleansing: as many doses as the raw rows name.
with raw_doses as (select count(distinct dose_id) as dose_count from {{ ref("stg_vendor__doses") }}),

cleansed as (select count(dose_id) as dose_count from {{ ref("int_doses") }})

select raw_doses.dose_count as raw_count, cleansed.dose_count as cleansed_count
from raw_doses
cross join cleansed
where raw_doses.dose_count <> cleansed.dose_count
