{{ config(materialized="ephemeral") }}

{#- What one subject shows only beside another. Each finding carries the address of another subject of its group. -#}
with
    subjects as {{ each_time() }} (select * from {{ ref("int_subjects__judged") }}),

    numbered as {{ each_time() }} (
        select * from subjects where id_class in ('cccd12', 'cmnd9')
    ),

    shared_numbers as (
        select id_number_std from numbered group by id_number_std having count(*) > 1
    ),

    {#-
        Counts tell what no pair needs to be formed for: of those whose name and full date of birth are known, less the ones
        with this name, less the ones with this birth, those with both taken off twice, are another person.
    -#}
    sharing as {{ once() }} (
        select
            numbered.*,
            name_key is not null and date_of_birth_precision = 'day' as is_known,
            count(*) filter (
                where name_key is not null and date_of_birth_precision = 'day'
            ) over (partition by id_number_std) as known,
            count(*) filter (where date_of_birth_precision = 'day') over (
                partition by id_number_std, name_key
            ) as known_of_name,
            count(name_key) over (
                partition by id_number_std, date_of_birth_std, date_of_birth_precision
            ) as known_of_birth,
            count(*) over (partition by id_number_std, name_key) as same_name,
            count(*) over (
                partition by id_number_std, date_of_birth_std, date_of_birth_precision
            ) as same_birth,
            count(*) over (
                partition by
                    id_number_std, name_key, date_of_birth_std, date_of_birth_precision
            ) as same_both
        from numbered
        where id_number_std in (select id_number_std from shared_numbers)
    ),

    callable as {{ each_time() }} (
        select *
        from subjects
        where
            phone <> ''
            and name_key is not null
            and date_of_birth_precision = 'day'
            and sex_std is not null
    ),

    shared_phones as (
        select phone, date_of_birth_std, sex_std, name_bare
        from callable
        group by phone, date_of_birth_std, sex_std, name_bare
        having count(*) > 1
    ),

    calling as {{ once() }} (
        select
            callable.*,
            count(*) over (
                partition by phone, date_of_birth_std, sex_std, name_key
            ) as same_name,
            count(*) over (
                partition by phone, date_of_birth_std, sex_std, name_bare
            ) as same_letters
        from callable
        inner join shared_phones using (phone, date_of_birth_std, sex_std, name_bare)
    ),

    {#- 80 million rows are grouped by their hash first: names are long. #}
    resident as {{ each_time() }} (
        select *
        from subjects
        where
            name_key is not null
            and date_of_birth_precision = 'day'
            and sex_std is not null
            and district_code is not null
    ),

    shared_places as (
        select
            {{
                row_hash(
                    ["name_key", "date_of_birth_std", "sex_std", "district_code"]
                )
            }} as place_hash
        from resident
        group by place_hash
        having count(*) > 1
    ),

    neighbours as {{ once() }} (
        select
            resident.*,
            count(*) over (
                partition by name_key, date_of_birth_std, sex_std, district_code
            ) as same_place
        from resident
        where
            {{
                row_hash(
                    ["name_key", "date_of_birth_std", "sex_std", "district_code"]
                )
            }} in (select place_hash from shared_places)
    ),

    found as {{ once() }} (
        select 'SUB-ID-07' as rule_id, {{ address_and_another("id_number_std") }}
        from sharing
        union all
        select 'SUB-ID-11' as rule_id, {{ address_and_another("id_number_std") }}
        from sharing
        where is_known and known - known_of_name - known_of_birth + same_both > 0
        union all
        select
            'SUB-DUP-01' as rule_id,
            {{
                address_and_another(
                    "id_number_std, name_key, date_of_birth_std, date_of_birth_precision"
                )
            }}
        from sharing
        where name_key is not null and date_of_birth_std is not null and same_both > 1
        union all
        select 'SUB-DUP-02' as rule_id, {{ address_and_another("id_number_std") }}
        from sharing
        where
            (name_key is not null and same_name > same_both)
            or (date_of_birth_std is not null and same_birth > same_both)
        union all
        select
            'SUB-DUP-01' as rule_id,
            {{ address_and_another("phone, date_of_birth_std, sex_std, name_key") }}
        from calling
        where same_name > 1
        union all
        select
            'SUB-DUP-02' as rule_id,
            {{ address_and_another("phone, date_of_birth_std, sex_std, name_bare") }}
        from calling
        where same_letters > same_name
        union all
        select
            'SUB-DUP-02' as rule_id,
            {{
                address_and_another(
                    "name_key, date_of_birth_std, sex_std, district_code"
                )
            }}
        from neighbours
        where same_place > 1
    ),

    same_persons as (select subject_id from found where rule_id = 'SUB-DUP-01')

{#- One finding a rule: of several others, the first. Whoever is the same person as another isn't merely similar. #}
select
    subject_id, rule_id, other_delivery, other_table, other_row, _delivery, _table, _row
from found
where
    {{ is_in_rule_set("rule_id") }}
    and not (
        rule_id = 'SUB-DUP-02'
        and subject_id
        in (select subject_id from same_persons where subject_id is not null)
    )
qualify
    row_number() over (
        partition by rule_id, _delivery, _table, _row
        order by other_delivery, other_table, other_row
    )
    = 1
