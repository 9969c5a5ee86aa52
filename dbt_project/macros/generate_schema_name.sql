{% macro generate_schema_name(custom_schema_name, node) -%}
    {#- A relation's schema is its stage, without the target's name before it. -#}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
