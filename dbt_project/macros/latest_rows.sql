{% macro latest_rows(relation, key, order_by) -%}
    {#-
        One row per key: the first of its rows by `order_by`. Nearly all keys have one row, so only the few with
        several are ordered; a window over all rows costs minutes where the nation is concerned.
    -#}
    select * from {{ relation }}
    where {{ key }} not in (select {{ key }} from {{ relation }} where {{ key }} is not null group by {{ key }} having count(*) > 1)
    or {{ key }} is null
    union all
    select * from {{ relation }}
    where {{ key }} in (select {{ key }} from {{ relation }} where {{ key }} is not null group by {{ key }} having count(*) > 1)
    qualify row_number() over (partition by {{ key }} order by {{ order_by }}) = 1
{%- endmacro %}
