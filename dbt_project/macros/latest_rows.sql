{% macro latest_rows(relation, key, order_by) -%}
    {#-
        One row per key: the first of its rows by `order_by`; rows without a key are all kept. Nearly all keys have one
        row, so only the few with several are ordered: a window over every row costs minutes where the nation is concerned.
    -#}
    with
        repeated as {{ once() }} (
            select {{ key }}
            from {{ relation }}
            where {{ key }} is not null
            group by {{ key }}
            having count(*) > 1
        )

    select *
    from {{ relation }}
    where {{ key }} is null or {{ key }} not in (select {{ key }} from repeated)
    union all
    select *
    from {{ relation }}
    where {{ key }} in (select {{ key }} from repeated)
    qualify row_number() over (partition by {{ key }} order by {{ order_by }}) = 1
{%- endmacro %}
