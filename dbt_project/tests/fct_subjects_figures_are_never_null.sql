-- A figure's column that is null is in no figure and in none of its parts; a row hash that is null is in no digest.
select
    {{ figures() | map(attribute="column") | join(", ") if execute else "subject_id" }}
from {{ ref("fct_subjects") }}
where row_hash_high is null or row_hash_low is null
{%- for figure in figures() %}
or {{ figure.column }} is null
{%- endfor %}
