-- Equal names (one key) have one standard spelling, and one standard spelling belongs
-- to equal names. On a day the names that came with it are held against all others.
-- Of a test that reads several relations Dagster must be told whose check it is.
{{ config(meta={"dagster": {"ref": {"name": "int_names"}}}) }}
{%- set names, subjects = ref("int_names"), ref("stg_vendor__subjects") %}
with
    {%- if var("since", none) %}
        later as {{ once() }} (
            select name_key, full_name_std
            from {{ names }}
            where
                full_name in (
                    select full_name
                    from {{ subjects }}
                    where _increment_on > {{ since() }}
                )
        ),

        names as (
            select *
            from {{ names }}
            where name_key in (select name_key from later)
            union all
            select *
            from {{ names }}
            where full_name_std in (select full_name_std from later)
        ),
    {%- else %} names as (select * from {{ names }}),
    {%- endif %}

    by_key as (
        select name_key as shared
        from names
        where name_key is not null
        group by name_key
        having min(full_name_std) <> max(full_name_std)
    ),

    by_spelling as (
        select full_name_std as shared
        from names
        where full_name_std is not null
        group by full_name_std
        having min(name_key) <> max(name_key)
    )

select shared
from by_key
union all
select shared
from by_spelling
