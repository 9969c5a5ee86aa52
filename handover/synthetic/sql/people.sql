-- Persons: one for each subject to be recorded, and as many more as the register holds besides.
-- In: slots (n, group_name, recipe, name_as, dob_as, person_as, …), lists of names and provinces. Out: people.
create or replace macro draw(purpose, n) as (mixed(purpose, n) >> 11) / 9007199254740992.0;
create or replace macro pick(purpose, n, size) as cast(mixed(purpose, n) % size as bigint);

create or replace table places as
select *, sum(population_thousands) over (order by province_code) - population_thousands as from_weight,
    sum(population_thousands) over () as whole
from provinces;

create or replace table age_bands as
select *, sum(weight) over (order by age_from) - weight as from_weight, sum(weight) over () as whole from ages;

create or replace table class_bands as
with rest as (
    select province_code, 'kinh' as name_class, 1 - coalesce(sum(share), 0) as share
    from provinces left join name_class_shares using (province_code) group by province_code
),
every_share as (select province_code, name_class, share from name_class_shares union all from rest)
select *, sum(share) over (partition by province_code order by name_class) - share as from_share
from every_share where share > 0;

create or replace table surname_bands as
select *, sum(weight) over (partition by name_set order by surname) - weight as from_weight,
    sum(weight) over (partition by name_set) as whole
from (
    select name_class as name_set, surname, weight from surnames
    union all
    select 'diacritics', surname, weight from surnames
    where name_class = 'kinh' and strip_accents(surname) <> surname
    union all
    select 'd_stroke', surname, weight from surnames where name_class = 'kinh' and surname like 'Đ%'
);

create or replace table middle_bands as
with long as (
    unpivot middle_names on weight_old as old, weight_mid as mid, weight_young as young into name cohort value weight
)
select *, sum(weight) over w - weight as from_weight, sum(weight) over (partition by name_class, position, sex, cohort) as whole
from long where weight > 0
window w as (partition by name_class, position, sex, cohort order by middle);

create or replace table given_bands as
with long as (
    unpivot given_names on weight_old as old, weight_mid as mid, weight_young as young into name cohort value weight
)
select *, sum(weight) over w - weight as from_weight, sum(weight) over (partition by name_class, sex, cohort) as whole
from long where weight > 0
window w as (partition by name_class, sex, cohort order by given);

-- Pairs of given names for name faults: numbered by kind and sex.
create or replace table pair_list as
select *, row_number() over (partition by kind, sex order by register_given, stated_given) - 1 as number,
    count(*) over (partition by kind, sex) as size
from name_pairs;

create or replace table born as
with drawn as (
    select
        slots.*,
        draw('sex', n) < 0.5 as is_male,
        draw('place', n) * any_place.whole as place_at,
        -- Of the recorded few are minors, and those are plain: vaccines, days and ages of theirs had rules of their own.
        coalesce(group_name = 'correct' and recipe = 'plain' and dose_count = 2, false) and draw('minor', n) < 0.03 as is_minor,
        case when group_name is null then draw('age', n) * any_age.whole
            else any_age.young + draw('age', n) * (any_age.whole - any_age.young) end as age_at
    from slots
    cross join (select any_value(whole) as whole from places) as any_place
    cross join (
        select any_value(whole) as whole, sum(weight) filter (where age_to < 20) as young from age_bands
    ) as any_age
)
select
    drawn.* exclude (is_male, place_at, age_at),
    case when is_male then 'male' else 'female' end as sex,
    places.province_code,
    case when is_minor then 13 + cast(pick('years', n, 5) as integer)
        else age_bands.age_from + cast(pick('years', n, age_bands.age_to - age_bands.age_from + 1) as integer) end as age,
    date '2021-12-31' - cast(365.2425 * age as integer) - cast(pick('days', n, 365) as integer) as born_on
from drawn
asof join places on drawn.place_at >= places.from_weight
asof join age_bands on drawn.age_at >= age_bands.from_weight;
drop table slots;

create or replace table classed as
with drawn as (select *, draw('class', n) as class_at from born)
select
    drawn.* exclude (class_at),
    case when drawn.wants_kinh then 'kinh' else class_bands.name_class end as name_class,
    case when age >= 50 then 'old' when age >= 22 then 'mid' else 'young' end as cohort
from drawn
asof left join class_bands
    on drawn.province_code = class_bands.province_code and drawn.class_at >= class_bands.from_share;
drop table born;

create or replace table named as
with structured as (
    select
        classed.*, classes.surname_class, classes.middle_class, classes.given_class,
        case sex when 'male' then classes.male_pattern else classes.female_pattern end as pattern,
        draw('middles', n) * (middles_none + middles_one + middles_two + middles_three) as middles_at,
        middles_none, middles_one, middles_two
    from classed
    inner join name_classes as classes on classed.name_class = classes.name_class
    inner join name_structure using (sex, cohort)
),
counted as (
    select
        * exclude (middles_at, middles_none, middles_one, middles_two),
        case
            when middle_class = 'none' then 0
            when middle_class <> 'kinh' then 1
            when middles_at < middles_none and not needs_middle then 0
            when middles_at < middles_none + middles_one then 1
            when middles_at < middles_none + middles_one + middles_two then 2
            else 3
        end as middle_count,
        coalesce(surname_set, surname_class) as name_set
    from structured
),
weights as (
    select
        (select map(list(name_set), list(whole)) from (select distinct name_set, whole from surname_bands)) as surname_whole,
        (select map(list(k), list(whole)) from (
            select distinct name_class || position || sex || cohort as k, whole from middle_bands)) as middle_whole,
        (select map(list(k), list(whole)) from (
            select distinct name_class || sex || cohort as k, whole from given_bands)) as given_whole
),
aimed as (
    select
        counted.*,
        draw('surname', n) * surname_whole[name_set] as surname_at,
        draw('middle 1', n) * coalesce(middle_whole[middle_class || 1 || sex || cohort], 0) as first_at,
        draw('middle 2', n) * coalesce(middle_whole[middle_class || 2 || sex || cohort], 0) as second_at,
        draw('middle 3', n) * coalesce(middle_whole[middle_class || 2 || sex || cohort], 0) as third_at,
        draw('given', n) * given_whole[given_class || sex || cohort] as given_at,
        cast(pick('pair', n, 1000000) as bigint) as pair_at
    from counted cross join weights
),
spelt as (
    select
        aimed.* exclude (surname_at, first_at, second_at, third_at, given_at, pair_at),
        s.surname,
        case when middle_count >= 1 then m1.middle end as middle_1,
        case when middle_count >= 2 then m2.middle end as middle_2,
        case when middle_count >= 3 then m3.middle end as middle_3,
        coalesce(pair.register_given, g.given) as given,
        pair.stated_given, pair.third_given
    from aimed
    asof left join surname_bands as s on aimed.name_set = s.name_set and aimed.surname_at >= s.from_weight
    asof left join middle_bands as m1
        on aimed.middle_class = m1.name_class and m1.position = 1 and aimed.sex = m1.sex
        and aimed.cohort = m1.cohort and aimed.first_at >= m1.from_weight
    asof left join middle_bands as m2
        on aimed.middle_class = m2.name_class and m2.position = 2 and aimed.sex = m2.sex
        and aimed.cohort = m2.cohort and aimed.second_at >= m2.from_weight
    asof left join middle_bands as m3
        on aimed.middle_class = m3.name_class and m3.position = 2 and aimed.sex = m3.sex
        and aimed.cohort = m3.cohort and aimed.third_at >= m3.from_weight
    asof left join given_bands as g
        on aimed.given_class = g.name_class and aimed.sex = g.sex and aimed.cohort = g.cohort
        and aimed.given_at >= g.from_weight
    left join pair_list as pair
        on aimed.pair_kind = pair.kind and aimed.sex = pair.sex and aimed.pair_at % pair.size = pair.number
)
select
    * exclude (surname_class, middle_class, given_class, name_set, wants_kinh, needs_middle, surname_set),
    nullif(concat_ws(' ', middle_1, nullif(middle_2, middle_1), nullif(nullif(middle_3, middle_2), middle_1)), '') as middle
from spelt;
drop table classed;
