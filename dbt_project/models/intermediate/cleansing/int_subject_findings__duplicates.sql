{{ config(materialized="ephemeral") }}

{#- What one subject shows only beside another. Each finding carries the address of another subject of its group. -#}
with
    subjects as {{ each_time() }} (select * from {{ ref("int_subjects") }}),

    numbered as {{ each_time() }} (select * from subjects where {{ has_number() }}),

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
            full_name_std is not null and date_of_birth_precision = 'day' as is_known,
            count(*) filter (
                where full_name_std is not null and date_of_birth_precision = 'day'
            ) over (partition by id_number_std) as known,
            count(*) filter (where date_of_birth_precision = 'day') over (
                partition by id_number_std, full_name_std
            ) as known_of_name,
            count(full_name_std) over (
                partition by id_number_std, date_of_birth_std, date_of_birth_precision
            ) as known_of_birth,
            count(*) over (partition by id_number_std, full_name_std) as same_name,
            count(*) over (
                partition by id_number_std, date_of_birth_std, date_of_birth_precision
            ) as same_birth,
            count(*) over (
                partition by
                    id_number_std,
                    full_name_std,
                    date_of_birth_std,
                    date_of_birth_precision
            ) as same_both
        from numbered
        where id_number_std in (select id_number_std from shared_numbers)
    ),

    callable as {{ each_time() }} (select * from subjects where {{ has_phone() }}),

    {#- 80 million rows are grouped by a hash first: most share theirs with nobody, and names need not be read. #}
    shared_phones as (
        select {{ phone_hash() }} as phone_hash
        from callable
        group by phone_hash
        having count(*) > 1
    ),

    spelled as {{ once() }} (
        select *, {{ without_diacritics(small_letters("full_name_std")) }} as name_bare
        from callable
        where {{ phone_hash() }} in (select phone_hash from shared_phones)
    ),

    calling as {{ once() }} (
        select
            *,
            count(*) over (
                partition by phone, date_of_birth_std, sex_std, full_name_std
            ) as same_name,
            count(*) over (
                partition by phone, date_of_birth_std, sex_std, name_bare
            ) as same_letters
        from spelled
    ),

    resident as {{ each_time() }} (select * from subjects where {{ has_place() }}),

    shared_places as (
        select {{ place_hash() }} as place_hash
        from resident
        group by place_hash
        having count(*) > 1
    ),

    neighbours as {{ once() }} (
        select
            resident.*,
            count(*) over (
                partition by full_name_std, date_of_birth_std, sex_std, district_code
            ) as same_place
        from resident
        where {{ place_hash() }} in (select place_hash from shared_places)
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
                    "id_number_std, full_name_std, date_of_birth_std, date_of_birth_precision"
                )
            }}
        from sharing
        where
            full_name_std is not null
            and date_of_birth_std is not null
            and same_both > 1
        union all
        select 'SUB-DUP-02' as rule_id, {{ address_and_another("id_number_std") }}
        from sharing
        where
            (full_name_std is not null and same_name > same_both)
            or (date_of_birth_std is not null and same_birth > same_both)
        union all
        select
            'SUB-DUP-01' as rule_id,
            {{
                address_and_another(
                    "phone, date_of_birth_std, sex_std, full_name_std"
                )
            }}
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
                    "full_name_std, date_of_birth_std, sex_std, district_code"
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
