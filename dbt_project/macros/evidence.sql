{% macro evidence_text() -%}
    {#- What an answer says, as one text: everything that rules of outcomes look at. -#}
    concat_ws(
        '/',
        request_kind,
        answer_state,
        is_sufficient,
        fits,
        coalesce(name_comparison, '-'),
        coalesce(date_of_birth_comparison, '-'),
        coalesce(sex_comparison, '-'),
        is_superseded
    )
{%- endmacro %}
