{#- Everybody in a group with one of them: beside these they are looked at. -#}
{%- set subjects, groups = ref("int_subjects"), ref("int_changes__groups") -%}
with
    subjects as {{ each_time() }} (select * from {{ subjects }}),

    groups as {{ each_time() }} (select * from {{ groups }})

select *
from subjects
where
    {%- if var("since", none) is none %} false
    {%- else %}
        {{ is_changed("int_changes__groups") }}
        {%- for kind in ("number", "phone", "place") %}
            or coalesce(
                case
                    when
                        {%- if kind == "number" %} {{ has_number() }}
                        {%- elif kind == "phone" %} {{ has_phone() }}
                        {%- else %} {{ has_place() }}
                        {%- endif %}
                    then
                        {%- if kind == "number" %} {{ number_hash() }}
                        {%- elif kind == "phone" %} {{ phone_hash() }}
                        {%- else %} {{ place_hash() }}
                        {%- endif %}
                end in (
                    select {{ kind }}_hash from groups where {{ kind }}_hash is not null
                ),
                false
            )
        {%- endfor %}
    {%- endif %}
