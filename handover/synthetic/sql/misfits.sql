-- Rows asked for without a number that do not fit as many registered persons as their recipe says: people are many,
-- and some share name, date of birth, sex and place by nature. Their names get one more word until none is left.
create or replace table misfits as
with asked as (
    select stated.n, lower(plain_name) as name, stated_on, stated_sex, stated_place, people.outcome
    from stated inner join people using (n)
    where people.id_as in ('without', 'id_missing', 'id_dropped_zeros', 'id_separators', 'id_letters', 'id_too_short',
            'id_too_long', 'id_placeholder', 'id_fullwidth', 'id_apostrophe')
        and people.outcome in ('matched', 'no_personal_number')
),
registered as (
    select lower(full_name) as name, born_on, sex, province_code from persons where not is_year_only
),
fitting as (
    select asked.n, count(registered.name) as persons
    from asked
    left join registered
        on asked.name = registered.name
        and asked.stated_on = registered.born_on and asked.stated_sex = registered.sex
        and asked.stated_place = registered.province_code
    group by asked.n
)
select distinct coalesce(owners.owner, asked.n) as n
from asked
inner join fitting on asked.n = fitting.n
left join owners on asked.n = owners.n
where fitting.persons <> case asked.outcome when 'matched' then 1 else 0 end;
