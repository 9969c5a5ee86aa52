-- The standardisation of subjects written the plain way in PostgreSQL: every expression once on every row.
-- `offset 0` keeps the steps apart: otherwise each is written into the next, and evaluated as often as it is named.
create unlogged table standardised as
with visible as (
    select
        subjects.*,
        trim(regexp_replace(
            regexp_replace(
                full_name,
                '[\u0001-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]',
                '', 'g'),
            '[ \u0009-\u000d\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+', ' ', 'g')) as name_visible,
        nullif(trim(both U&'\0009\000A\000B\000C\000D\0020\0085\00A0\3000' from id_number), '') as id_number_std,
        nullif(trim(both U&'\0009\000A\000B\000C\000D\0020\0085\00A0\3000' from date_of_birth), '') as written
    from subjects offset 0
),
composed as (select *, normalize(name_visible, nfc) as name_composed from visible offset 0),
plain as (select *, translate(name_composed, 'ÐðƉɖ‘’ʼʹ´`', 'ĐđĐđ''''''''''''') as name_plain from composed offset 0),
folded as (
    select
        *,
        lower(upper(name_plain)) as name_folded,
        case
            when coalesce(id_number_std, '') = '' then 'missing'
            when id_number_std ~ '^[0-9]{12}$' then 'cccd12'
            when id_number_std ~ '^[0-9]{9}$' then 'cmnd9'
            else 'malformed'
        end as id_class,
        case when id_number_std !~ '^([0-9]{9}|[0-9]{12})$'
            then regexp_replace(id_number_std, '[ \u00a0\u200b-\u200f.,/_''‘’`–-]', '', 'g') end as digits_only,
        case
            when written ~ '^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}$'
                then regexp_replace(written, '^([0-9]+)[/.-]([0-9]+)[/.-]([0-9]+)$', '\3-\2-\1')
            when written ~ '^[0-9]{4}[/.-][0-9]{1,2}[/.-][0-9]{1,2}$'
                then regexp_replace(written, '^([0-9]+)[/.-]([0-9]+)[/.-]([0-9]+)$', '\1-\2-\3')
            when written ~ '^[0-9]{1,2}[/.-][0-9]{4}$'
                then regexp_replace(written, '^([0-9]+)[/.-]([0-9]+)$', '\2-\1-1')
            when written ~ '^[0-9]{4}$' then written || '-1-1'
            when written ~ '^[0-9]{2}(0[1-9]|1[0-2])(19|20)[0-9]{2}$'
                then regexp_replace(written, '^(..)(..)(....)$', '\3-\2-\1')
        end as day_written,
        case
            when written ~ '^[0-9]{4}$' then 'year'
            when written ~ '^[0-9]{1,2}[/.-][0-9]{4}$' then 'month'
            else 'day'
        end as precision_written
    from plain offset 0
),
keyed as (
    select
        *,
        nullif(upper(name_folded), '') as full_name_std,
        translate(name_folded,
            'áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ',
            'aaaaaăăăăăâââââeeeeeêêêêêiiiiioooooôôôôôơơơơơuuuuuưưưưưyyyyy')
        || '|' || translate(
            regexp_replace(name_folded, '[^áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]', '', 'g'),
            'áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ',
            'SFRXJSFRXJSFRXJSFRXJSFRXJSFRXJSFRXJSFRXJSFRXJSFRXJSFRXJSFRXJ') as name_key,
        translate(name_folded,
            'áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵăâđêôơư',
            'aaaaaaaaaaaaaaaeeeeeeeeeeiiiiiooooooooooooooouuuuuuuuuuyyyyyaadeoou') as name_bare,
        -- to_date refuses days the calendar hasn't, so they are kept from it.
        case
            when split_part(day_written, '-', 2)::integer between 1 and 12
                and split_part(day_written, '-', 3)::integer between 1 and extract(day from
                    make_date(greatest(split_part(day_written, '-', 1)::integer, 1),
                        least(greatest(split_part(day_written, '-', 2)::integer, 1), 12), 1) + interval '1 month - 1 day')
            then to_date(day_written, 'YYYY-MM-DD')
        end as date_of_birth_std,
        case
            when id_class <> 'malformed' then null
            when id_number_std ~ '^[0-9]{10,11}$' then 'dropped_zeros'
            when digits_only ~ '^([0-9]{9}|[0-9]{12})$' then 'separators'
            when translate(digits_only, 'OoIl０１２３４５６７８９', '00110123456789') ~ '^([0-9]{9}|[0-9]{12})$'
                then 'letters_for_digits'
            when digits_only ~ '^[0-9]+$' then 'wrong_length'
            when digits_only ~ '[[:alpha:]]' then 'letters'
            else 'other_characters'
        end as id_reason,
        case when id_class = 'cccd12' then
            1900 + 100 * (substr(id_number_std, 4, 1)::integer / 2) + substr(id_number_std, 5, 2)::integer
        end as birth_year_inside,
        case lower(normalize(trim(sex), nfc))
            when 'nam' then 'male' when '1' then 'male' when 'nữ' then 'female' when 'nu' then 'female' when '0' then 'female'
        end as sex_std
    from folded offset 0
)
select
    subject_id, full_name, full_name_std, name_key, name_bare, date_of_birth, date_of_birth_std,
    case when date_of_birth_std is not null then precision_written end as date_of_birth_precision, sex, sex_std,
    id_number, id_number_std, id_type, id_class, id_reason, province_code, province_name, district_code, phone, address,
    facility_code, recorded_at, updated_at,
    concat_ws(' ',
        case when coalesce(name_visible, '') = '' then 'SUB-NAME-01' end,
        case when name_visible <> full_name then 'SUB-NAME-02' end,
        case when name_composed <> name_visible then 'SUB-NAME-03' end,
        case when name_plain <> name_composed then 'SUB-NAME-04' end,
        case when name_plain ~ '(^| )[[:lower:]]' then 'SUB-NAME-06' end,
        case when name_folded !~ '[^a-z ]' and name_folded ~ ' ' then 'SUB-NAME-07' end,
        case when name_plain ~ '[^[:alpha:] ''.-]' then 'SUB-NAME-08' end,
        case when name_folded !~ ' ' and name_folded <> '' then 'SUB-NAME-09' end,
        case when written is null then 'SUB-DOB-01' end,
        case when written is not null and date_of_birth_std is null then 'SUB-DOB-02' end,
        case when date_of_birth_std > recorded_at::date then 'SUB-DOB-03' end,
        case when date_of_birth_std is not null and precision_written <> 'day' then 'SUB-DOB-04' end,
        case when id_number_std is null then 'SUB-ID-01' end,
        case when id_reason = 'dropped_zeros' then 'SUB-ID-02' end,
        case when id_reason <> 'dropped_zeros' then 'SUB-ID-03' end,
        case when birth_year_inside <> extract(year from date_of_birth_std) then 'SUB-ID-04' end,
        case when coalesce(trim(sex), '') = '' then 'SUB-SEX-01' end) as rule_ids,
    _row
from keyed;
