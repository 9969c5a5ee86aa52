{#- The rows of all that int_changes__groups names, and those without a subject. -#}
{%- set subjects, groups = ref("int_subjects"), ref("int_changes__groups") -%}
with subjects as (select * from {{ subjects }})

select *
from subjects
where
    {%- if var("since", none) is none %} false
    {%- else %} {{ is_changed("int_changes__groups") }}
    {%- endif %}
