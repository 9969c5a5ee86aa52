-- Raw tables of a country of any size, by hashes of row numbers: nothing is sorted or kept, so memory stays small.
-- In: variables `subjects` and `folder`; the synthetic country's lists as tables. Out: Parquet files below the folder.
-- Rows stay near the order of their numbers only where the lists are what is built and looked up in.
set disabled_optimizers = 'join_order,build_side_probe_side';
create macro draw(n, purpose, size) as cast((hash(n + cast(hash(purpose) >> 8 as bigint)) >> 11) % size as bigint);
create macro profile_of(sex, cohort) as
    list_position(['male', 'female'], sex) * 3 + list_position(['old', 'mid', 'young'], cohort) - 4;
create macro slot(kind, profile, n) as (kind * 6 + profile) * 65536 + draw(n, kind, 65536);

-- An item has as many of the 65,536 slots of its list as its weight asks for. Lists are told apart by kind and profile.
create table slots as
with residents as (
    select province_code, name_class, population_thousands * share as persons
    from name_class_shares inner join provinces using (province_code)
    union all
    select province_code, 'kinh', population_thousands * (1 - coalesce(sum(share), 0))
    from provinces left join name_class_shares using (province_code) group by province_code, population_thousands
),
classes as (select name_class, sum(persons) / sum(sum(persons)) over () as share from residents group by name_class),
given as (unpivot given_names on weight_old as old, weight_mid as mid, weight_young as young into name cohort value weight),
middle as (unpivot middle_names on weight_old as old, weight_mid as mid, weight_young as young into name cohort value weight),
structure as (
    unpivot name_structure on middles_none as '0', middles_one as '1', middles_two as '2', middles_three as '3'
    into name item value weight
),
each as (
    select 0 as kind, 0 as profile, province_code as item, population_thousands as weight from provinces
    union all
    select 1, 0, cast(age_from as varchar), weight from ages where age_from >= 12
    union all
    select 2, 0, surname, share * weight / sum(weight) over (partition by name_class)
    from surnames inner join classes using (name_class)
    union all
    select 2 + position, profile_of(sex, cohort), middle,
        share * weight / sum(weight) over (partition by name_class, position, sex, cohort)
    from middle inner join classes using (name_class) where position < 3
    union all
    select 5, profile_of(sex, cohort), given, share * weight / sum(weight) over (partition by name_class, sex, cohort)
    from given inner join classes using (name_class)
    union all
    select 6, profile_of(sex, cohort), item, weight from structure
),
items as (select kind, profile, item, sum(weight) as weight from each where weight > 0 group by all),
bands as (
    select kind * 6 + profile as list, item,
        sum(weight) over (partition by kind, profile order by weight desc, item) as upto,
        sum(weight) over (partition by kind, profile) as whole, weight
    from items
)
select list // 6 as kind, cast(list * 65536 + unnest(range(
        cast(ceil((upto - weight) / whole * 65536 - 0.5) as bigint), cast(ceil(upto / whole * 65536 - 0.5) as bigint)
    )) as integer) as slot, item
from bands;

create macro slots_of(wanted) as table select slot, item from slots where kind = wanted;

-- Syllables of Vietnamese sounds: the words of rare names.
create table rare_words as
select row_number() over (order by onset, rime) - 1 as number, onset || rime as word
from unnest(['B', 'C', 'D', 'Đ', 'G', 'H', 'Kh', 'L', 'M', 'N', 'Nh', 'Ph', 'S', 'T', 'Th', 'Tr', 'V', 'X']) as o (onset)
cross join unnest(['a', 'ai', 'ao', 'ang', 'anh', 'át', 'ăm', 'ăng', 'ân', 'ậu', 'òa', 'óng', 'ơn', 'ởi', 'ung', 'úy',
    'uân', 'ưa', 'ừng', 'ượng']) as r (rime);

-- One subject in 300 is another one entered again, one in 500 has the number of another.
create macro person_of(n) as case when draw(n, 'again', 300) = 0 and n > 7 then n - 7 else n end;
create macro number_of(n) as case when draw(n, 'typo', 500) = 0 and n > 3 then n - 3 else person_of(n) end;

create macro sex_of(p) as case when draw(p, 'sex', 2) = 0 then 'male' else 'female' end;
create macro years_of(p, age_from) as cast(age_from as integer) + draw(p, 'years', 5);

create table numbers as select range as n from range(1, getvariable('subjects') + 1);

create view persons as
with aged as (
    select n, p, sex_of(p) as sex, province.item as province_code, years_of(p, age.item) as age
    from (select n, person_of(n) as p from numbers)
    inner join slots_of(0) as province on slot(0, 0, p) = province.slot
    inner join slots_of(1) as age on slot(1, 0, p) = age.slot
),
profiled as (
    select *, profile_of(sex, case when age >= 50 then 'old' when age >= 22 then 'mid' else 'young' end) as profile,
        cast('2021-12-31' as date) - cast(365.2425 * age as integer) - cast(draw(p, 'day', 365) as integer) as born_on
    from aged
)
select n, p, sex, province_code, born_on,
    concat_ws(' ', surname.item,
        case when middles.item > '0' then middle_1.item end,
        case when middles.item > '1' then middle_2.item end,
        case when draw(p, 'rare', 100) = 0 then rare.word end,
        given.item) as plain_name
from profiled
inner join slots_of(2) as surname on slot(2, 0, p) = surname.slot
inner join slots_of(3) as middle_1 on slot(3, profile, p) = middle_1.slot
inner join slots_of(4) as middle_2 on slot(4, profile, p) = middle_2.slot
inner join slots_of(5) as given on slot(5, profile, p) = given.slot
inner join slots_of(6) as middles on slot(6, profile, p) = middles.slot
inner join rare_words as rare on draw(p, 'rare word', 360) = rare.number;

create macro decomposed(text) as replace(replace(replace(replace(replace(text,
    'ễ', 'e' || chr(770) || chr(771)), 'ị', 'i' || chr(803)), 'ă', 'a' || chr(774)), 'à', 'a' || chr(768)),
    'ồ', 'o' || chr(770) || chr(768));
create macro misread(text) as replace(replace(replace(text, 'ễ', 'á»…'), 'ị', 'á»‹'), 'ă', 'Äƒ');
create macro bare(text) as strip_accents(replace(replace(text, 'Đ', 'D'), 'đ', 'd'));

-- Of 1,000 names 166 aren't typed as they should be.
create macro typed_name(name, r) as case
    when r < 90 then upper(name)
    when r < 105 then lower(name)
    when r < 120 then bare(name)
    when r < 132 then replace(name, ' ', '  ')
    when r < 140 then name || ' '
    when r < 145 then replace(name, ' ', chr(160))
    when r < 150 then decomposed(name)
    when r < 154 then replace(name, ' ', ' ' || chr(8203))
    when r < 158 then replace(name, 'Đ', chr(208))
    when r < 160 then misread(name)
    when r < 162 then 'Ông ' || name
    when r < 164 then array_to_string(string_split(name, ' ')[2:] || string_split(name, ' ')[:1], ' ')
    when r < 165 then (['test', 'Chưa rõ', 'aaaa', '', null])[1 + length(name) % 5]
    when r < 166 then name || '1'
    else name
end;

create macro typed_day(day, r) as case
    when r < 860 then strftime(day, '%d/%m/%Y')
    when r < 900 then strftime(day, '%-d/%-m/%Y')
    when r < 940 then strftime(day, '%Y-%m-%d')
    when r < 960 then strftime(day, '%d-%m-%Y')
    when r < 985 then cast(year(day) as varchar)
    when r < 990 then strftime(day, '%m/%Y')
    when r < 993 then strftime(day, '%d%m%Y')
    when r < 995 then '31/02/' || year(day)
    when r < 997 then strftime(day, '%m/%d/%Y')
    when r < 998 then strftime(day, '%d/%m/') || (2023 + year(day) % 60)
    when r < 999 then ''
end;

-- Province, century and sex, year of birth, six digits; the six follow the row, so that few numbers meet by chance.
create macro full_number(p, province_code, sex, born_on) as province_code
    || ((year(born_on) // 100 - 19) * 2 + case sex when 'female' then 1 else 0 end)
    || lpad(cast(year(born_on) % 100 as varchar), 2, '0') || lpad(cast(p % 1000000 as varchar), 6, '0');

create macro typed_number(number, p, r) as case
    when r < 880 then number
    when r < 920 then lpad(cast((p * 7) % 1000000000 as varchar), 9, '0')
    when r < 930 then ltrim(number, '0')
    when r < 938 then number[1:3] || ' ' || number[4:6] || ' ' || number[7:]
    when r < 942 then number[1:4] || '.' || number[5:8] || '.' || number[9:]
    when r < 944 then number || ' '
    when r < 946 then replace(replace(number, '0', 'O'), '1', 'l')
    when r < 950 then left(number, 8)
    when r < 952 then number || '7'
    when r < 953 then (['không có', 'chua co', '0', '000000000000'])[1 + p % 4]
    when r < 980 then ''
end;

create macro typed_sex(sex, r) as case
    when r < 10 then null
    when r < 20 then ''
    when sex = 'male' then case when r < 60 then 'NAM' when r < 100 then 'nam' when r < 130 then '1' else 'Nam' end
    else case when r < 60 then 'NỮ' when r < 100 then 'nữ' when r < 130 then '0' when r < 140 then 'Nu' else 'Nữ' end
end;

create macro typed_place(name, r) as case
    when r < 20 then 'Tỉnh ' || name
    when r < 40 then upper(name)
    when r < 50 then bare(name)
    when r < 52 then decomposed(name)
    when r < 57 then ''
    when r < 60 then 'Hà Nội'
    else name
end;

copy (
    select
        persons.n as subject_id,
        typed_name(plain_name, draw(persons.n, 'name as', 1000)) as full_name,
        typed_day(born_on, draw(persons.n, 'born as', 1000)) as date_of_birth,
        typed_sex(persons.sex, draw(persons.n, 'sex as', 1000)) as sex,
        typed_number(
            full_number(number_of(persons.n), persons.province_code, persons.sex, born_on),
            number_of(persons.n), draw(number_of(persons.n), 'number as', 1000)) as id_number,
        case when draw(persons.n, 'number as', 1000) < 880 then 'CCCD' else 'CMND' end as id_type,
        case when draw(persons.n, 'place', 1000) < 3 then null else persons.province_code end as province_code,
        typed_place(provinces.province_name, draw(persons.n, 'place as', 1000)) as province_name,
        persons.province_code || lpad(cast(1 + draw(p, 'district', 12) as varchar), 2, '0') as district_code,
        case when draw(persons.n, 'phone', 100) >= 6 then '09' || lpad(cast(draw(
            case when draw(persons.n, 'home', 3) = 0 then persons.n // 4 else p end, 'number', 100000000) as varchar), 8, '0')
        end as phone,
        'Tổ ' || (1 + draw(p, 'group', 40)) || ', thôn ' || (1 + draw(p, 'village', 2000)) as address,
        case when draw(persons.n, 'no facility', 1000) = 0 then 'CS999999'
            else 'CS' || persons.province_code || lpad(cast(1 + draw(p, 'facility', 200) as varchar), 3, '0')
        end as facility_code,
        timestamptz '2021-03-10 07:00:00+07' + to_seconds(draw(persons.n, 'recorded', 390 * 86400)) as recorded_at,
        cast(null as timestamptz) as updated_at,
        persons.n as _row
    from persons inner join provinces on persons.province_code = provinces.province_code
) to (getvariable('folder') || '/subjects') (format parquet, compression lz4, row_group_size 1000000, per_thread_output);

-- Of 100 subjects 99 have a first dose, 92 a second, 47 a third, 2 a fourth. Doses lie in the order in which they were
-- given, not by subject: each number runs through the subjects in steps of its own.
create table dose_numbers as
select number, cast(floor(share * getvariable('subjects')) as bigint) as doses, step,
    cast(sum(doses) over (order by number) - doses as bigint) as before
from (values (1, 0.99, 1299709), (2, 0.92, 15485863), (3, 0.47, 32452843), (4, 0.02, 49979687)) as t (number, share, step);

create table dose_rows as select range as _row from range(1, (select 1 + max(before + doses) from dose_numbers));

create macro typed_vaccine(day, subject_id, r) as case
    when r < 2 then 'VX-KHONG-RO'
    when day < date '2021-07-01' then 'AZ'
    when day < date '2021-09-20' then (['AZ', 'AZ', 'VC', 'PF', 'MO'])[1 + draw(subject_id, 'vaccine', 5)]
    else (['AZ', 'AZ', 'AZ', 'VC', 'VC', 'PF', 'PF', 'MO', 'AB', 'HV'])[1 + draw(subject_id, 'vaccine', 10)]
end;

copy (
    with drawn as (
        select number, _row, 1 + (((_row - before - 1) * step) % doses * 86028121) % getvariable('subjects') as subject_id
        from dose_rows inner join dose_numbers on _row > before and _row <= before + doses
    ),
    dated as (
        select *, draw(_row, 'dose as', 1000) as r,
            date '2021-03-20' + cast(draw(subject_id, 'first', 200) + (number - 1) * 60 as integer) as planned_on
        from drawn
    ),
    given as (
        select *, case
            when r = 0 then date '2021-02-10'
            when r = 1 then date '2022-07-01'
            when r = 2 then planned_on - 55
            when r = 3 then null
            else least(planned_on, date '2022-04-03')
        end as injected_on
        from dated
    )
    select
        _row as dose_id,
        case when r = 10 then getvariable('subjects') + _row else subject_id end as subject_id,
        cast(case when r = 11 then number + 1 else number end as integer) as dose_number,
        typed_vaccine(injected_on, subject_id, r) as vaccine_code,
        'L' || lpad(cast(draw(_row, 'lot', 5000) as varchar), 5, '0') as lot_number,
        injected_on,
        case when r = 12 then 'CS999999' else 'CS' || provinces.item
            || lpad(cast(1 + draw(subject_id, 'facility', 200) as varchar), 3, '0') end as facility_code,
        cast(planned_on as timestamptz) + to_seconds(40000 + draw(_row, 'at', 30000)) as recorded_at,
        cast(null as timestamptz) as updated_at,
        _row
    from given inner join slots_of(0) as provinces on slot(0, 0, person_of(subject_id)) = provinces.slot
) to (getvariable('folder') || '/doses') (format parquet, compression lz4, row_group_size 1000000, per_thread_output);

copy (
    select
        'CS' || province_code || lpad(cast(number as varchar), 3, '0') as facility_code,
        'Trạm y tế ' || number as facility_name,
        province_code,
        province_code || lpad(cast(1 + number % 12 as varchar), 2, '0') as district_code,
        true as is_active,
        row_number() over (order by province_code, number) as _row
    from provinces cross join range(1, 201) as t (number)
) to (getvariable('folder') || '/facilities') (format parquet, compression lz4, per_thread_output);

copy (
    select vaccine_code, vaccine_name, cast(null as date) as licensed_on, row_number() over (order by vaccine_code) as _row
    from (values ('AZ', 'AstraZeneca'), ('VC', 'Vero Cell'), ('PF', 'Comirnaty'), ('MO', 'Moderna'), ('AB', 'Abdala'),
        ('HV', 'Hayat-Vax'), ('SP', 'Sputnik V')) as t (vaccine_code, vaccine_name)
) to (getvariable('folder') || '/vaccines') (format parquet, compression lz4, per_thread_output);

copy (
    select cast(day as date) as synced_on, getvariable('subjects') // 390 as subject_count, subject_count * 2 as dose_count,
        'done' as status, row_number() over (order by day) as _row
    from range(timestamp '2021-03-10', timestamp '2022-04-05', interval 1 day) as t (day)
) to (getvariable('folder') || '/sync_log') (format parquet, compression lz4, per_thread_output);
