{%- set parents = [] -%}
{%- for figure in figures() if parts_of(figure) -%}
    {%- do parents.append(figure) -%}
{%- endfor -%}

with
    subjects as (select * from {{ ref("fct_subjects") }}),

    counted as {{ once() }} (
        select
            {%- for parent in parents %}
                count(*) filter (
                    where {{ is_broken_by(parent) }}
                ) as {{ parent.column }}_subjects,
                sum(dose_count) filter (
                    where {{ is_broken_by(parent) }}
                ) as {{ parent.column }}_doses,
            {%- endfor %}
            count(*) as row_count
        from subjects
    ),

    breaks as (
        {%- for parent in parents %}
            select
                '{{ parent.id }}' as parent_figure_id,
                'subjects' as measure,
                {{ parent.column }}_subjects as breaking
            from counted
            union all
            select
                '{{ parent.id }}' as parent_figure_id,
                'doses' as measure,
                coalesce({{ parent.column }}_doses, 0) as breaking
            from counted
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- else %}select '' as parent_figure_id, '' as measure, 0 as breaking
        {%- endfor %}
    )

select parent_figure_id, measure, cast(breaking as bigint) as breaking_count
from breaks
