-- Doses as recorded, with planted faults on plainly recorded subjects, and orphans. In: subjects. Out: doses.
create or replace table faulty as
with ranked as (
    select subject_id, row_number() over (order by mixed('faulty', n)) - 1 as number
    from subjects
    where group_name = 'correct' and recipe = 'plain' and dose_count between 2 and 3 and not is_minor
),
minors as (
    select subject_id, row_number() over (order by mixed('faulty', n)) - 1 as number from subjects where is_minor
)
select
    subject_id,
    (['dose_before_campaign', 'dose_in_future', 'dose_before_birth', 'dose_same_day', 'dose_unknown_vaccine',
      'dose_gap_short', 'dose_hole', 'dose_unknown_facility', 'dose_number_twice', 'dose_order', 'dose_unlicensed', 'dose_undated'])[1 + number % 12] as fault
from ranked
where number < 12 * greatest(1, getvariable('subjects') // 5000)
union all
select subject_id, 'dose_too_young' from minors where number < greatest(1, getvariable('subjects') // 5000);

create or replace table doses as
with rows as (
    select subjects.*, faulty.fault, unnest(range(1, dose_count + 1)) as number
    from subjects left join faulty using (subject_id)
    where group_name <> 'new' or dose_count > 0
),
dated as (
    select
        *,
        first_dose_on + cast((number - 1) * 60 as integer) as planned_on,
        case when group_name = 'new' then increment_on - 1 else date '2022-04-04' end as last_on
    from rows
),
given as (
    select
        *,
        case
            when fault = 'dose_before_campaign' and number = 1 then date '2021-02-10' - cast(n % 20 as integer)
            when fault = 'dose_in_future' and number = dose_count then date '2022-06-01' + cast(n % 90 as integer)
            when fault = 'dose_before_birth' and number = 1 then date '1899-06-01'
            when fault = 'dose_same_day' and number = 2 then first_dose_on
            when fault = 'dose_gap_short' and number = 2 then first_dose_on + 6
            when fault = 'dose_order' and number = 1 then first_dose_on + 70
            when fault = 'dose_unlicensed' and number = 1 then least(first_dose_on, date '2021-04-01' + cast(n % 60 as integer))
            when fault = 'dose_undated' and number = dose_count then null
            when fault = 'dose_too_young' and number = 1 and n % 2 = 0 then date '2021-08-01' + cast(n % 30 as integer)
            when fault = 'dose_too_young' and number = 1 then least(first_dose_on, date '2021-12-30')
            when dose_count > 4 then least(first_dose_on, date '2021-05-01') + cast((number - 1) * 60 as integer)
            else least(planned_on, last_on)
        end as injected_on
    from dated
)
select
    row_number() over (order by subject_id, number) as dose_id,
    subject_id,
    case
        when fault = 'dose_hole' and number = dose_count then number + 1
        when fault = 'dose_number_twice' and number = 2 then 1
        else number
    end as dose_number,
    case
        when fault = 'dose_unknown_vaccine' and number = 1 then 'VX-KHONG-RO'
        when fault = 'dose_unlicensed' and number = 1 then 'Abdala'
        when fault = 'dose_too_young' and number = 1 and n % 2 = 1 then 'AstraZeneca'
        when is_minor then 'Comirnaty'
        when injected_on < date '2021-10-01' then 'AstraZeneca'
        else (['AstraZeneca', 'Vero Cell', 'Comirnaty', 'Moderna', 'Abdala', 'Hayat-Vax', 'Sputnik V'])
            [1 + pick('vaccine', subject_id, 7)]
    end as vaccine_code,
    'L' || lpad(cast(pick('lot', subject_id * 10 + number, 100000) as varchar), 5, '0') as lot_number,
    injected_on,
    case when fault = 'dose_unknown_facility' and number = 1 then 'CS999999' else facility_code end as facility_code,
    greatest(
        recorded_at,
        least(injected_on, last_on)::timestamp at time zone 'Asia/Ho_Chi_Minh'
            + to_seconds(30000 + pick('dose at', subject_id * 10 + number, 40000))
    ) as recorded_at,
    increment_on,
    list_filter([case
        when dose_count > 4 and number > 4 then 'too_many_doses'
        when fault in ('dose_before_campaign', 'dose_before_birth', 'dose_unknown_vaccine', 'dose_unknown_facility', 'dose_unlicensed', 'dose_too_young')
            and number = 1 then fault
        when fault in ('dose_same_day', 'dose_gap_short', 'dose_number_twice', 'dose_order') and number = 2 then fault
        when fault in ('dose_in_future', 'dose_hole', 'dose_undated') and number = dose_count then fault
    end], lambda f: f is not null) as faults
from given;

insert into doses
select
    (select count(*) from doses) + number,
    (select max(subject_id) from subjects) + 1000 + number,
    1, 'AstraZeneca', 'L00000', date '2021-08-01' + cast(number % 200 as integer), 'CS001001',
    timestamptz '2022-03-01 08:00:00+07', null, ['orphan']
from range(1, 1 + greatest(2, getvariable('subjects') // getvariable('orphan_one_in'))) as t (number);
