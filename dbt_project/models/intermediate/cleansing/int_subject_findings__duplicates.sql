{{ config(materialized="ephemeral") }}

with
    subjects as (select * from {{ ref("int_subjects__judged") }}),

    numbered as (select * from subjects where id_class in ('cccd12', 'cmnd9')),

    shared_numbers as (
        select id_number_std from numbered group by id_number_std having count(*) > 1
    ),

    sharing as (
        select *
        from numbered
        where id_number_std in (select id_number_std from shared_numbers)
    ),

    same_by_number as (
        select id_number_std, name_key, date_of_birth_std, date_of_birth_precision
        from sharing
        where name_key is not null and date_of_birth_std is not null
        group by id_number_std, name_key, date_of_birth_std, date_of_birth_precision
        having count(*) > 1
    ),

    callable as (
        select *
        from subjects
        where
            phone <> ''
            and name_key is not null
            and date_of_birth_precision = 'day'
            and sex_std is not null
    ),

    same_by_phone as (
        select phone, date_of_birth_std, sex_std, name_key
        from callable
        group by phone, date_of_birth_std, sex_std, name_key
        having count(*) > 1
    ),

    recorded_twice as (
        select sharing.subject_id, sharing._delivery, sharing._table, sharing._row
        from sharing
        inner join
            same_by_number using (
                id_number_std, name_key, date_of_birth_std, date_of_birth_precision
            )
        union
        select callable.subject_id, callable._delivery, callable._table, callable._row
        from callable
        inner join same_by_phone using (phone, date_of_birth_std, sex_std, name_key)
    )

select subject_id, 'SUB-ID-07' as rule_id, _delivery, _table, _row
from sharing
union all
select subject_id, 'SUB-DUP-01' as rule_id, _delivery, _table, _row
from recorded_twice
