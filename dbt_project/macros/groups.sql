{#-
    Subjects are looked at one beside another in three groups: who shares a number, a telephone with a birth and a sex, a name with a
    birth, a sex and a district. Hashes only narrow: other groups may share one.
-#}
{% macro has_number() -%} id_class in ('cccd12', 'cmnd9') {%- endmacro %}

{% macro has_phone() -%}
    (
        phone <> ''
        and full_name_std is not null
        and date_of_birth_precision = 'day'
        and sex_std is not null
    )
{%- endmacro %}

{% macro has_place() -%}
    (
        full_name_std is not null
        and date_of_birth_precision = 'day'
        and sex_std is not null
        and district_code is not null
    )
{%- endmacro %}

{% macro number_hash() -%} {{ row_hash(["id_number_std"]) }} {%- endmacro %}

{% macro phone_hash() -%}
    {{ row_hash(["phone", "date_of_birth_std", "sex_std"]) }}
{%- endmacro %}

{% macro place_hash() -%}
    {{ row_hash(["full_name_std", "date_of_birth_std", "sex_std", "district_code"]) }}
{%- endmacro %}

{% macro group_hashes() -%}
    {#- The groups a subject is in, null where it is in none of the kind. -#}
    case when {{ has_number() }} then {{ number_hash() }} end as number_hash,
    case when {{ has_phone() }} then {{ phone_hash() }} end as phone_hash,
    case when {{ has_place() }} then {{ place_hash() }} end as place_hash
{%- endmacro %}

{% macro in_group_with(subjects, others, hashes) -%}
    {#- Rows of subjects that share one of the groups of others. -#}
    {%- for hash in hashes %}
        select *
        from {{ subjects }}
        where
            {{ hash }}
            in (select {{ hash }} from {{ others }} where {{ hash }} is not null)
        {%- if not loop.last %}
            union
        {%- endif %}
    {%- endfor %}
{%- endmacro %}
