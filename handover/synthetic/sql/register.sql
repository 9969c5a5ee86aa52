-- The register's persons, and what each subject's record is to say. In: named, dates. Out: people, persons, stated.
create or replace macro compose(pattern, surname, middle, given) as
    regexp_replace(trim(replace(replace(replace(pattern, 'surname', surname), 'middle', coalesce(middle, '')), 'given', given)), ' +', ' ', 'g');

create or replace table people as
select
    named.* exclude (born_on, middle_1, middle_2, middle_3),
    case
        when dob_as = 'dob_swapped' then make_date(year(born_on), month(born_on), month(born_on) % 12 + 1)
        when dob_as = 'dob_default_0101' and month(born_on) = 1 and day(born_on) = 1 then born_on + 1
        else born_on
    end as born_on
from named;
drop table named;

-- Whoever is recorded twice shares the person of another, plainly recorded subject.
create or replace table owners as
with targets as (
    select n, row_number() over (order by mixed('target', n)) as number
    from people where group_name = 'correct' and recipe = 'plain'
),
copies as (select n, row_number() over (order by n) as number from people where person_as = 'duplicate')
select copies.n, targets.n as owner from copies inner join targets using (number);

create or replace view everybody as
select n, 'self' as kind, given, born_on from people where person_as <> 'duplicate'
union all select n, 'twin', stated_given, born_on from people where person_as = 'twin'
union all select n, 'clone', given, born_on from people where person_as = 'clone'
union all select n, 'namesake9', given, born_on + 400 from people where person_as = 'shared_cmnd9';

create or replace table numbers as
with prefixed as (
    select
        everybody.n, everybody.kind,
        case when people.id_as = 'id_born_abroad' then '126' else people.province_code end
        || case when year(everybody.born_on) >= 2000 then 2 else 0 end + case people.sex when 'male' then 0 else 1 end
        || lpad(cast(year(everybody.born_on) % 100 as varchar), 2, '0') as prefix
    from everybody inner join people using (n)
)
select
    n, kind,
    prefix || lpad(cast(row_number() over (partition by prefix order by mixed('serial ' || kind, n)) as varchar), 6, '0')
        as personal_id,
    cast(100000000 + ((n * 4 + case kind when 'self' then 0 when 'twin' then 1 when 'clone' then 2 else 0 end) * 7919 + getvariable('seed') * 104729)
        % 899999999 as varchar) as number_9
from prefixed;

create or replace view persons as
select
    people.n, everybody.kind, numbers.personal_id,
    case
        when people.id_as in ('cmnd9', 'cmnd9_superseded', 'id_placeholder9') or pick('has9', people.n, 3) = 0
            then numbers.number_9
    end as cmnd9,
    case
        when people.id_as = 'cmnd9_superseded' then true
        when people.id_as = 'cmnd9' then false
        else pick('superseded', people.n, 2) = 0
    end as is_superseded,
    compose(people.pattern, people.surname, people.middle, everybody.given) as full_name,
    everybody.born_on,
    people.sex, people.province_code,
    people.person_as = 'register_year' as is_year_only
from everybody
inner join people on everybody.n = people.n
inner join numbers on everybody.n = numbers.n and everybody.kind = numbers.kind
where people.person_as <> 'ghost';

create or replace macro other_given(given, n) as
    case when given in ('Khang', 'Trâm', 'Lộc', 'Yến') then 'Phong'
    else (['Khang', 'Trâm', 'Lộc', 'Yến'])[1 + pick('other', n, 4)] end;

create or replace macro stated_date(dob_as, born_on) as
    case dob_as
        when 'dob_day_off' then born_on - 1
        when 'dob_year_off' then cast(born_on - interval 1 year as date)
        when 'dob_decade_off' then cast(born_on - interval 10 year as date)
        when 'dob_swapped' then make_date(year(born_on), day(born_on), month(born_on))
        when 'dob_default_0101' then make_date(year(born_on), 1, 1)
        else born_on
    end;

create or replace view stated as
select
    people.n,
    coalesce(owners.owner, people.n) as owner,
    people.name_as,
    case people.name_as
        when 'name_missing' then case when people.n % 2 = 0 then '' end
        when 'name_middle_dropped' then compose('surname given', people.surname, null, people.given)
        when 'name_order' then compose('given surname middle', people.surname, people.middle, people.given)
        when 'name_abbreviated' then compose('surname middle given', people.surname, left(people.middle, 1) || '.', people.given)
        when 'name_other_given' then compose(people.pattern, people.surname, people.middle, other_given(people.given, people.n))
        when 'name_no_diacritics'
            then replace(replace(strip_accents(compose(people.pattern, people.surname, people.middle, people.given)), 'Đ', 'D'), 'đ', 'd')
        when 'name_third_tone' then compose(people.pattern, people.surname, people.middle, people.third_given)
        else compose(
            o.pattern, o.surname, o.middle,
            case
                when people.name_as = people.pair_kind and people.name_as <> 'name_tone_placement' then people.stated_given
                else o.given
            end
        )
    end as plain_name,
    stated_date(people.dob_as, o.born_on) as stated_on,
    case people.sex_as
        when 'sex_other' then case o.sex when 'male' then 'female' else 'male' end
        when 'exact' then o.sex
    end as stated_sex,
    case people.place_as
        when 'place_other' then case o.province_code when '001' then '079' else '001' end
        else o.province_code
    end as stated_place
from people
left join owners on people.n = owners.n
inner join people as o on coalesce(owners.owner, people.n) = o.n
where people.group_name is not null;
