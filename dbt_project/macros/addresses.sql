{#- Where a row came from, and where another row of its group did. -#}
{% macro address_and_another(group) -%}
    {#- The row's subject and address, and the address of the row before it in its group (of the first, the next). -#}
    subject_id,
    _delivery,
    _table,
    _row,
    {%- for part in ("delivery", "table", "row") %}
        coalesce(
            lag(_{{ part }}) over (
                partition by {{ group }} order by _delivery, _table, _row
            ),
            lead(_{{ part }}) over (
                partition by {{ group }} order by _delivery, _table, _row
            )
        ) as other_{{ part }}
        {% if not loop.last %},{% endif %}
    {%- endfor %}
{%- endmacro %}
