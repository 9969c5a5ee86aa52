-- The fact has the subjects and the doses that cleansing has, none more and none less.
with cleansed as (
    select count(_row) as subject_count, sum(dose_count) as dose_count from {{ ref("int_subjects") }}
),

facts as (select count(_row) as subject_count, sum(dose_count) as dose_count from {{ ref("fct_subjects") }})

select cleansed.subject_count as cleansed_count, facts.subject_count as fact_count
from cleansed
cross join facts
where cleansed.subject_count <> facts.subject_count or cleansed.dose_count <> facts.dose_count
