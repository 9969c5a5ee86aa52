{% macro rule_ids(conditions) -%}
    {#- The ids of the rules whose condition holds, in the order given, with a space between; empty when none does. -#}
    concat_ws(
        ' ',
        {%- for rule_id, condition in conditions.items() %}
            case when {{ condition }} then '{{ rule_id }}' end
            {% if not loop.last %},{% endif %}
        {%- endfor %}
    )
{%- endmacro %}

{% macro all_rule_ids(texts) -%}
    {#- Several such texts as one. -#}
    concat_ws(' ' {%- for text in texts %}, nullif({{ text }}, '') {%- endfor %})
{%- endmacro %}
