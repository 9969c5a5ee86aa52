{%- set registered = figures() -%}

with
    subjects as (select * from {{ ref("fct_subjects") }}),

    {#- Subjects fall into as few classes as there are combinations of figures: one scan sums the classes, not each figure. #}
    classes as (
        select
            {%- for figure in registered %} {{ figure.column }}, {%- endfor %}
            count(*) as subject_count,
            sum(dose_count) as dose_count,
            sum(row_hash_high) as hash_high,
            sum(row_hash_low) as hash_low
        from subjects
        group by all
    ),

    counted as {{ once() }} (
        select
            {%- for figure in registered %}
                sum(subject_count) filter (
                    where {{ figure.column }}
                ) as {{ figure.column }}_subjects,
                sum(dose_count) filter (
                    where {{ figure.column }}
                ) as {{ figure.column }}_doses,
                sum(hash_high) filter (
                    where {{ figure.column }}
                ) as {{ figure.column }}_high,
                sum(hash_low) filter (
                    where {{ figure.column }}
                ) as {{ figure.column }}_low,
            {%- endfor %}
            count(*) as class_count
        from classes
    ),

    figures as (
        {%- for figure in registered %}
            select
                '{{ figure.id }}' as figure_id,
                coalesce({{ figure.column }}_subjects, 0) as subjects,
                coalesce({{ figure.column }}_doses, 0) as doses,
                {{ hex_of_sum(figure.column ~ "_high") }}
                || {{ hex_of_sum(figure.column ~ "_low") }} as row_digest
            from counted
            {%- if not loop.last %}
                union all
            {%- endif %}
        {%- else %}select '' as figure_id, 0 as subjects, 0 as doses, '' as row_digest
        {%- endfor %}
    )

select
    figure_id,
    cast(subjects as bigint) as subjects,
    cast(doses as bigint) as doses,
    row_digest
from figures
