-- Doses of subjects that the file names, numbered by day; every facility is known. In: given. Out: raw.
insert into raw.facilities by name select 'CS-1' as facility_code;
insert into raw.vaccines by name select distinct vaccine as vaccine_code, vaccine as vaccine_name from given;
insert into raw.subjects by name
select min(n) as subject_id, first(date_of_birth order by n) as date_of_birth
from given
where coalesce(subject, '') <> ''
group by subject;
insert into raw.doses by name
select
    n as dose_id,
    case when coalesce(subject, '') <> '' then min(n) over (partition by subject) end as subject_id,
    row_number() over (partition by subject order by day, n) as dose_number,
    vaccine as vaccine_code,
    day as injected_on,
    'CS-1' as facility_code
from (
    select
        *,
        coalesce(
            try_cast(injected_on as date), cast(try_strptime(injected_on, '%d/%m/%Y') as date)
        ) as day
    from given
);
