-- Nothing is dropped or doubled by cleansing: as many subjects as the raw rows name.
with raw_subjects as (select count(distinct subject_id) as subject_count from {{ ref("stg_vendor__subjects") }}),

cleansed as (select count(subject_id) as subject_count from {{ ref("int_subjects") }})

select raw_subjects.subject_count as raw_count, cleansed.subject_count as cleansed_count
from raw_subjects
cross join cleansed
where raw_subjects.subject_count <> cleansed.subject_count
