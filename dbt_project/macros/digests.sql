{% macro content_digest(columns) -%}
    {#- The same for the same content on every installation; a field that is null differs from one that is empty.
        An MD5 as a uuid: 16 bytes wherever it is kept, sorted or joined, where its text takes 32 and a place of its own. -#}
    cast(
        md5(
            {% for column in columns %}
                coalesce({{ column }}, chr(30))
                {% if not loop.last %} || chr(31) || {% endif %}
            {% endfor %}
        ) as uuid
    )
{%- endmacro %}
