{% macro latest_rows(relation, key, order_by, later="true", of="true") -%}
    {#-
        One row per key: the first of its rows by `order_by`; rows without a key are all kept. Only keys with several rows are
        ordered: a window over every row costs minutes where the nation is concerned. `later` says which rows can come on
        top of others: for a relation whose packages hold a key once (a gate of raw sees to it), those of increments, so
        that nobody needs to group all the rest. `of` is a condition on the rows that are wanted: only these are looked at, and
        those whose key has come again.
    -#}
    {%- set rows = relation if of == "true" else "candidates" -%}
    with
        repeated as {{ once() }} (
            {% if later == "true" %}
                select {{ key }}
                from {{ relation }}
                where {{ key }} is not null
                group by {{ key }}
                having count(*) > 1
            {% else %}
                select distinct {{ key }}
                from {{ relation }}
                where {{ key }} is not null and {{ later }}
            {% endif %}
        ),

        {% if of != "true" %}
            candidates as {{ once() }} (
                select *
                from {{ relation }}
                where {{ of }} or {{ key }} in (select {{ key }} from repeated)
            ),
        {% endif %}

        one_per_key as (
            select *
            from {{ rows }}
            where {{ key }} is null or {{ key }} not in (select {{ key }} from repeated)
            union all
            select *
            from {{ rows }}
            where {{ key }} in (select {{ key }} from repeated)
            qualify
                row_number() over (partition by {{ key }} order by {{ order_by }}) = 1
        )

    select *
    from one_per_key
    {% if of != "true" %} where {{ of }} {% endif %}
{%- endmacro %}
