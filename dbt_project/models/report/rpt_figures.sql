{%- set registered = figures() -%}

with subjects as (select * from {{ ref("fct_subjects") }}),

counted as (
    select
        {%- for figure in registered %}
        count(*) filter (where {{ figure.column }}) as {{ figure.column }}_subjects,
        sum(dose_count) filter (where {{ figure.column }}) as {{ figure.column }}_doses,
        sum(row_hash_high) filter (where {{ figure.column }}) as {{ figure.column }}_high,
        sum(row_hash_low) filter (where {{ figure.column }}) as {{ figure.column }}_low,
        {%- endfor %}
        count(*) as row_count
    from subjects
),

figures as (
    {%- for figure in registered %}
    select
        '{{ figure.id }}' as figure_id,
        {{ figure.column }}_subjects as subjects,
        coalesce({{ figure.column }}_doses, 0) as doses,
        {{ hex_of_sum(figure.column ~ "_high") }} || {{ hex_of_sum(figure.column ~ "_low") }} as row_digest
    from counted
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- else %}
    select '' as figure_id, 0 as subjects, 0 as doses, '' as row_digest
    {%- endfor %}
)

select
    figure_id,
    cast(subjects as bigint) as subjects,
    cast(doses as bigint) as doses,
    row_digest
from figures
