-- What changes on each of the eight days after the snapshot. In: subjects, doses. Out: changed_subjects, changed_doses.
create or replace table days as
select cast(day as date) as increment_on, row_number() over (order by day) - 1 as day_number
from generate_series(timestamp '2022-04-06', timestamp '2022-04-13', interval 1 day) as t (day);

create or replace table corrected as
with ranked as (
    select subject_id, row_number() over (order by mixed('corrected', n)) - 1 as number
    from subjects where group_name = 'wrong_name' and recipe in ('no_diacritics', 'name_other_given', 'name_tone')
)
select subject_id, days.increment_on
from ranked inner join days on ranked.number // getvariable('corrected_a_day') = days.day_number;

create or replace table changed_subjects as
select
    subjects.* replace (coalesce(corrected.increment_on, subjects.increment_on) as increment_on,
        case when corrected.subject_id is null then full_name
            else compose(people.pattern, people.surname, people.middle, people.given) end as full_name,
        case when corrected.subject_id is null then subjects.outcome else 'matched' end as outcome),
    case when corrected.subject_id is null then recorded_at
        else corrected.increment_on::timestamp at time zone 'Asia/Ho_Chi_Minh' + interval 9 hour end as updated_at
from subjects
inner join people on subjects.n = people.n
left join corrected on subjects.subject_id = corrected.subject_id
where subjects.group_name = 'new' or corrected.subject_id is not null;

create or replace table changed_doses as
with ranked as (
    select subject_id, dose_count, facility_code, row_number() over (order by mixed('next dose', n)) - 1 as number
    from subjects
    where group_name = 'correct' and recipe = 'plain' and dose_count between 1 and 3
        and subject_id not in (select subject_id from faulty) and first_dose_on < date '2021-09-01'
),
added as (
    select
        (select max(dose_id) from doses) + 1 + ranked.number as dose_id, subject_id, dose_count + 1 as dose_number,
        'Comirnaty' as vaccine_code, 'L12345' as lot_number, days.increment_on as injected_on, facility_code,
        days.increment_on::timestamp at time zone 'Asia/Ho_Chi_Minh' + interval 15 hour as recorded_at,
        days.increment_on, [] :: varchar[] as faults
    from ranked inner join days on ranked.number // getvariable('doses_a_day') = days.day_number
)
select * from added
union all by name
select * from doses where increment_on is not null;
