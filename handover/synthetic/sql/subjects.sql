-- Subjects as the platform recorded them, with every planted fault. In: people, persons, stated. Out: subjects, misplaced.
create or replace macro shown(number, n) as
    case pick('separator', n, 3)
        when 0 then number[1:3] || ' ' || number[4:6] || ' ' || number[7:]
        when 1 then number[1:4] || '.' || number[5:8] || '.' || number[9:]
        else number[1:3] || '-' || number[4:]
    end;

-- The text with each letter as the map spells it.
create or replace macro spelled(text, letters) as
    array_to_string(list_transform(string_split(text, ''), lambda c: coalesce(letters[c], c)), '');

create or replace macro typed_date(day, n) as
    case
        when pick('format', n, 100) < 88 then strftime(day, '%d/%m/%Y')
        when pick('format', n, 100) < 92 then strftime(day, '%-d/%-m/%Y')
        when pick('format', n, 100) < 97 then strftime(day, '%Y-%m-%d')
        else strftime(day, '%d-%m-%Y')
    end;

create or replace table numbered as
select
    people.n,
    row_number() over (
        order by people.group_name = 'new', case when people.group_name = 'new' then increment_on end,
            mixed('subject', people.n)
    ) as subject_id
from people where people.group_name is not null;

create or replace table chosen as
select
    people.n,
    case
        when id_as <> 'without' then id_as
        else (['id_missing', 'id_missing', 'id_missing', 'id_dropped_zeros', 'id_separators', 'id_too_short'])
            [1 + pick('without', people.n, 6)]
    end as id_form
from people where group_name is not null;

create or replace table subjects as
with joined as (
    select
        numbered.subject_id, people.n, people.group_name, people.recipe, people.increment_on, people.dose_count,
        people.outcome, people.id_as, people.dob_as, people.sex_as, people.place_as, people.person_as, people.name_as, people.is_minor,
        chosen.id_form, stated.owner, stated.plain_name, stated.stated_on, stated.stated_sex, stated.stated_place,
        self.personal_id, self.cmnd9, twin.personal_id as twin_id, numbers.personal_id as any_id, numbers.number_9,
        compose(o.pattern, o.surname, o.middle, people.stated_given) as placed_name,
        pick('sex form', people.n, 20) as sex_form
    from people
    inner join numbered on people.n = numbered.n
    inner join chosen on people.n = chosen.n
    inner join stated on people.n = stated.n
    inner join people as o on stated.owner = o.n
    inner join numbers on stated.owner = numbers.n and numbers.kind = 'self'
    left join persons as self on stated.owner = self.n and self.kind = 'self'
    left join persons as twin on people.n = twin.n and twin.kind = 'twin'
)
select
    subject_id, n, group_name, recipe, increment_on, dose_count, outcome, id_form, dob_as, sex_as, place_as, person_as,
    name_as, is_minor, any_id as true_number, personal_id as person_id, plain_name,
    case name_as
        when 'name_nfd' then spelled(plain_name, getvariable('decomposed'))
        when 'name_vni' then spelled(plain_name, getvariable('vni'))
        when 'name_tcvn3' then spelled(plain_name, getvariable('tcvn3'))
        when 'name_misread' then spelled(plain_name, getvariable('misread'))
        when 'name_html' then array_to_string(list_transform(
            string_split(plain_name, ''), lambda c: if(unicode(c) < 128, c, '&#' || unicode(c) || ';')), '')
        when 'name_digit' then plain_name || ' ' || (2 + n % 3)
        when 'name_title' then (['BS. ', 'ThS. ', 'Mr. '])[1 + n % 3] || plain_name
        when 'name_placeholder' then (['test', 'Chưa rõ', 'Không tên', 'xxx'])[1 + n % 4]
        when 'name_nbsp' then replace(plain_name, ' ', chr(160))
        when 'name_zero_width' then replace(plain_name, ' ', ' ' || chr(8203))
        when 'name_spaces' then ' ' || replace(plain_name, ' ', '  ') || ' '
        when 'name_upper' then upper(plain_name)
        when 'name_lower' then lower(plain_name)
        when 'name_eth' then replace(plain_name, 'Đ', chr(208))
        when 'name_tone_placement' then placed_name
        else plain_name
    end as full_name,
    case dob_as
        when 'dob_missing' then case when n % 2 = 0 then '' end
        when 'dob_impossible' then (['31/02/', '30/02/', '31/04/', '31/06/', '15/13/'])[1 + n % 5] || year(stated_on)
        when 'dob_future' then strftime(stated_on, '%d/%m/') || cast(2023 + n % 60 as varchar)
        when 'dob_year' then cast(year(stated_on) as varchar)
        when 'dob_year_wrong' then cast(year(stated_on) - 1 as varchar)
        when 'dob_words' then strftime(stated_on, '%-d tháng %-m năm %Y')
        when 'dob_digits' then if(n % 2 = 0, strftime(stated_on, '%d%m%Y'), strftime(stated_on, '%Y%m%d'))
        when 'dob_month' then strftime(stated_on, '%m/%Y')
        when 'dob_month_year_wrong' then strftime(stated_on, '%m/') || cast(year(stated_on) - 1 as varchar)
        else typed_date(stated_on, n)
    end as date_of_birth,
    case
        when stated_sex is null then case when n % 2 = 0 then '' end
        when stated_sex = 'male' then case sex_form when 0 then 'NAM' when 1 then 'nam' when 2 then '1' else 'Nam' end
        else case sex_form when 0 then 'NỮ' when 1 then 'nữ' when 2 then '0' when 3 then 'Nu' else 'Nữ' end
    end as sex,
    case id_form
        when 'cmnd9' then coalesce(cmnd9, number_9)
        when 'cmnd9_superseded' then cmnd9
        when 'id_padded' then ' ' || personal_id || ' '
        when 'id_missing' then case when n % 2 = 0 then '' end
        when 'id_dropped_zeros' then ltrim(any_id, '0')
        when 'id_separators' then shown(any_id, n)
        when 'id_letters' then replace(replace(any_id, '0', 'O'), '1', 'l')
        when 'id_too_short' then left(any_id, 8)
        when 'id_too_long' then any_id || '7'
        when 'id_placeholder' then (['không có', 'chua co', '0', 'xxx'])[1 + n % 4]
        when 'id_fullwidth' then translate(any_id, '0123456789', '０１２３４５６７８９')
        when 'id_apostrophe' then '''' || any_id
        when 'id_twin_number' then twin_id
        when 'id_serial_typo' then any_id[1:6] || '9' || any_id[8:]
        when 'id_placeholder12' then (['000000000000', '111111111111', '123456789012'])[1 + n % 3]
        when 'id_placeholder9' then (['000000000', '012345678', '099999999'])[1 + n % 3]
        else any_id
    end as id_number,
    case
        when id_form in ('cccd12', 'id_padded', 'id_born_abroad', 'id_serial_typo', 'id_placeholder12', 'id_twin_number') then 'cccd12'
        when id_form in ('cmnd9', 'cmnd9_superseded', 'id_placeholder9') then 'cmnd9'
        when id_form = 'id_missing' then 'missing'
        else 'malformed'
    end as id_class,
    stated_place as province_code,
    stated_place || lpad(cast(1 + pick('district', n, 12) as varchar), 2, '0') as district_code,
    'CS' || stated_place || lpad(cast(1 + pick('facility', n, 9) as varchar), 3, '0') as facility_code,
    '09' || lpad(cast(pick('phone', n, 100000000) as varchar), 8, '0') as phone,
    case
        when is_minor then date '2021-10-20' + cast(pick('first dose', n, 100) as integer)
        else date '2021-03-20' + cast(pick('first dose', n, greatest(370 - (dose_count - 1) * 60, 1)) as integer)
    end as first_dose_on,
    case
        when group_name = 'late' then timestamptz '2022-04-05 06:00:00+07' + to_seconds(pick('at', n, 50000))
        when group_name = 'new' then increment_on::timestamp at time zone 'Asia/Ho_Chi_Minh' + to_seconds(25000 + pick('at', n, 50000))
    end as set_at,
    coalesce(set_at, least(first_dose_on, date '2022-04-04')::timestamp at time zone 'Asia/Ho_Chi_Minh'
        + to_seconds(25000 + pick('at', n, 50000))) as recorded_at
from joined;

-- Faults of place in what is recorded plainly else: nobody is verified by them.
create or replace table misplaced as
with chosen as (
    select subject_id, n from subjects where group_name = 'correct' and recipe = 'plain'
    order by mixed('misplaced', n) limit (2 * greatest(1, getvariable('subjects') // 5000))
)
select
    subject_id,
    (['facility_unknown', 'province_text_other'])[1 + row_number() over (order by mixed('misplaced', n)) % 2] as place_form
from chosen;
