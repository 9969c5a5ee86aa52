{%- set registered = figures() -%}
{%- set of_subjects = {
    "province": "coalesce(province_code, '')",
    "district": "coalesce(province_code, '') || '/' || coalesce(district_code, '')",
    "facility": "coalesce(facility_code, '')",
    "id_class": "id_class",
    "increment_on": "coalesce(cast(_increment_on as varchar), '')",
} -%}
{%- set of_doses = {
    "vaccine": "coalesce(vaccine, '')",
    "dose_number": "coalesce(cast(dose_number as varchar), '')",
    "injected_on": "coalesce(cast(injected_on as varchar), '')",
} -%}

with
    subjects as (
        select *, {{ figure_mask() }} as figure_mask from {{ ref("fct_subjects") }}
    ),

    doses as (select * from {{ ref("fct_doses") }}),

    {#- Subjects and doses fall into as few classes as there are combinations of figures and values. #}
    subject_classes as (
        {%- for breakdown, value in of_subjects.items() %}
            select
                '{{ breakdown }}' as breakdown,
                {{ value }} as value,
                figure_mask,
                count(*) as subjects,
                sum(dose_count) as doses
            from subjects
            group by all
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    dose_classes as (
        {%- for breakdown, value in of_doses.items() %}
            select
                '{{ breakdown }}' as breakdown,
                {{ value }} as value,
                figure_mask,
                cast(null as bigint) as subjects,
                count(*) as doses
            from doses
            where figure_mask is not null
            group by all
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- endfor %}
    ),

    classes as (
        select breakdown, value, figure_mask, subjects, doses
        from subject_classes
        union all
        select breakdown, value, figure_mask, subjects, doses
        from dose_classes
    ),

    figures as (
        {%- for figure in registered %}
            select
                '{{ figure.id }}' as figure_id,
                {% if figure.part_of %} '{{ figure.part_of }}'
                {% else %} cast(null as varchar)
                {% endif %} as part_of,
                {{ loop.index0 }} as bit
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- else %}select '' as figure_id, '' as part_of, 0 as bit
        {%- endfor %}
    )

select
    figures.figure_id,
    figures.part_of,
    classes.breakdown,
    classes.value,
    cast(sum(classes.subjects) as bigint) as subjects,
    cast(sum(classes.doses) as bigint) as doses
from classes
inner join figures on (classes.figure_mask >> figures.bit) & 1 = 1
group by figures.figure_id, figures.part_of, classes.breakdown, classes.value
