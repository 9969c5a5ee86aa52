{% macro content_digest(columns) -%}
    {#- The same for the same content on every installation; a field that is null differs from one that is empty. -#}
    md5(
        {% for column in columns %}
            coalesce({{ column }}, chr(30))
            {% if not loop.last %} || chr(31) || {% endif %}
        {% endfor %}
    )
{%- endmacro %}
