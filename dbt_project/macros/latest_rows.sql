{% macro latest_rows(relation, key, order_by, later="true", of=none) -%}
    {#-
        One row per key: the first of its rows by `order_by`; rows without a key are all kept. Only keys with several rows are
        ordered: a window over every row costs minutes where the nation is concerned. `later` says which rows can come on
        top of others: for a relation whose packages hold a key once (a gate of raw sees to it), those of increments, so
        that nobody needs to group all the rest. `of` is a relation of subjects: only their rows are looked at, those of
        nobody, and those of others whose key they share.
    -#}
    {%- set rows = "candidates" if of else relation -%}
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

        {% if of %}
            {#- Apart from each other, for a condition with `or` reads every column of every row. -#}
            own as {{ once() }} (
                select *
                from {{ relation }}
                where subject_id in (select subject_id from {{ of }})
                union all
                select *
                from {{ relation }}
                where subject_id is null
            ),

            {% if key == "subject_id" %} candidates as (select * from own),
            {% else %}
                shared as {{ once() }} (
                    select distinct {{ key }}
                    from own
                    where {{ key }} in (select {{ key }} from repeated)
                ),

                candidates as {{ once() }} (
                    select *
                    from own
                    union all
                    select *
                    from {{ relation }}
                    where
                        {{ key }} in (select {{ key }} from shared)
                        and subject_id not in (
                            select subject_id from {{ of }} where subject_id is not null
                        )
                ),
            {% endif %}
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
    {% if of and key != "subject_id" %}
        where subject_id is null or subject_id in (select subject_id from {{ of }})
    {% endif %}
{%- endmacro %}
