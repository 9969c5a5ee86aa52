{{ config(materialized="view") }}

{#- What was typed, from the raw rows, beside what was made of it: for people who compare. -#}
with
    subjects as (select * from {{ ref("int_subjects") }}),

    typed as (
        select
            _delivery,
            _table,
            _row,
            {% for column in [
                "full_name",
                "date_of_birth",
                "sex",
                "id_number",
                "id_type",
                "province_code",
                "province_name",
                "address",
                "updated_at",
            ] %}
                any_value({{ column }}) as {{ column }}
                {% if not loop.last %},{% endif %}
            {% endfor %}
        from {{ ref("stg_vendor__subjects") }}
        group by _delivery, _table, _row
    )

select
    subjects.subject_id,
    typed.full_name,
    subjects.full_name_std,
    subjects.is_name_without_diacritics,
    typed.date_of_birth,
    subjects.date_of_birth_std,
    subjects.date_of_birth_precision,
    typed.sex,
    subjects.sex_std,
    typed.id_number,
    subjects.id_number_std,
    typed.id_type,
    subjects.id_class,
    subjects.id_reason,
    subjects.id_repair,
    typed.province_code,
    subjects.province_code_std,
    typed.province_name,
    subjects.district_code,
    subjects.phone,
    typed.address,
    subjects.facility_code,
    subjects.recorded_at,
    typed.updated_at,
    subjects.is_held,
    subjects.dose_count,
    subjects.rule_ids,
    subjects._delivery,
    subjects._table,
    subjects._row,
    subjects._increment_on
from subjects
left join
    typed
    on subjects._row = typed._row
    and subjects._table = typed._table
    and subjects._delivery = typed._delivery
