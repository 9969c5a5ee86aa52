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
    {#- Rows fall into few cells of equal values, of which all breakdowns are counted: one pass over the country. #}
    subject_cells as {{ once() }} (
        select
            province_code,
            district_code,
            facility_code,
            id_class,
            _increment_on,
            {{ figure_mask() }} as figure_mask,
            count(*) as subjects,
            sum(dose_count) as doses
        from {{ ref("fct_subjects") }}
        group by all
    ),

    dose_cells as {{ once() }} (
        select vaccine, dose_number, injected_on, figure_mask, count(*) as doses
        from {{ ref("fct_doses") }}
        where figure_mask is not null
        group by all
    ),

    subject_classes as (
        {%- for breakdown, value in of_subjects.items() %}
            select
                '{{ breakdown }}' as breakdown,
                {{ value }} as value,
                figure_mask,
                sum(subjects) as subjects,
                sum(doses) as doses
            from subject_cells
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
                sum(doses) as doses
            from dose_cells
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
