-- A choice is a hash of one number: DuckDB combines the hashes of several arguments so weakly that choices for different
-- purposes would go together (the same names in the same places).
create or replace macro mixed(purpose, n) as hash(xor(cast(n as ubigint), hash(purpose || '/' || getvariable('seed'))));

-- One slot per subject to be recorded, by group and recipe, and one per further person of the register.
-- In: recipe_counts (one row per group and recipe: first n, count), group_quotas, name_forms. Out: slots.
create or replace table laid as
select
    counts.first_n + k as n, counts.group_name, counts.recipe, counts.outcome, counts.id_as, counts.name_as, counts.dob_as,
    counts.sex_as, counts.place_as, counts.person_as,
    row_number() over (partition by counts.group_name order by mixed('doses', counts.first_n + k)) - 1 as place_in_group
from recipe_counts as counts, unnest(range(counts.subjects)) as t (k);

-- Doses: each group's mean spread evenly, then moved by one within pairs, so that the group's sum stays exact.
create or replace table dosed as
with even as (
    select
        laid.*,
        (place_in_group + 1) * quotas.doses // quotas.subjects - place_in_group * quotas.doses // quotas.subjects as even_count,
        quotas.subjects
    from laid inner join group_quotas as quotas using (group_name)
),
moved as (
    select
        *,
        lag(even_count) over w as before_count,
        lead(even_count) over w as after_count,
        mixed('moved ' || group_name, place_in_group // 2) % 3 = 0 and place_in_group // 2 > 10 as is_moved
    from even window w as (partition by group_name order by place_in_group)
),
counted as (
    select
        *,
        case
            when is_moved and place_in_group % 2 = 0 and after_count between 2 and 4 and even_count between 1 and 3 then even_count + 1
            when is_moved and place_in_group % 2 = 1 and even_count between 2 and 4 and before_count between 1 and 3 then even_count - 1
            else even_count
        end as moved_count
    from moved
)
select
    * exclude (even_count, before_count, after_count, is_moved, moved_count),
    -- One subject of the group `correct` has six doses, taken from the next ones.
    case
        when group_name <> 'correct' then moved_count
        when place_in_group = 0 then 6
        when place_in_group <= 6 - (select moved_count from counted where group_name = 'correct' and place_in_group = 0) then moved_count - 1
        else moved_count
    end as dose_count
from counted;

create or replace table slots as
select
    n, group_name, recipe, outcome, id_as, name_as, dob_as, sex_as, place_as, person_as, cast(dose_count as integer) as dose_count,
    case when group_name = 'new' then date '2022-04-06' + cast(place_in_group % 8 as integer) end as increment_on,
    coalesce(forms.pair_kind, case when person_as = 'twin' then 'name_tone' end) as pair_kind,
    forms.surname_set,
    coalesce(forms.name_class = 'kinh', false) or person_as = 'twin' as wants_kinh,
    coalesce(forms.needs_middle, false) as needs_middle
from dosed left join name_forms as forms using (name_as)
union all
select
    (select max(n) from dosed) + 1 + k, null, 'none', null, 'cccd12', 'exact', 'exact', 'exact', 'exact', 'registered', 0, null,
    null, null, false, false
from unnest(range(getvariable('further_persons'))) as t (k);
