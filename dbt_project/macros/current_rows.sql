{#- Subjects and doses as they stand: the row of an increment replaces the earlier ones of the same key. -#}
{% macro current_subjects(versions, of=none) -%}
    {#- `of` is a relation of the subjects whose rows are wanted, beside those of nobody. -#}
    with
        versions as {{ each_time() }} (select * from {{ versions }}),

        latest as (
            {{
                latest_rows(
                    "versions",
                    key="subject_id",
                    order_by="_increment_on desc nulls last, updated_at desc nulls last, _row desc",
                    later="_increment_on is not null",
                    of=of,
                )
            }}
        )

    select
        subject_id,
        full_name,
        date_of_birth,
        sex,
        id_number,
        id_type,
        province_code,
        province_name,
        district_code,
        phone,
        address,
        facility_code,
        recorded_at,
        updated_at,
        _delivery,
        _table,
        _row,
        _increment_on
    from latest
{%- endmacro %}

{% macro current_doses(versions, of=none) -%}
    with
        versions as {{ each_time() }} (select * from {{ versions }}),

        latest as (
            {{
                latest_rows(
                    "versions",
                    key="dose_id",
                    order_by="_increment_on desc nulls last, updated_at desc nulls last, _row desc",
                    later="_increment_on is not null",
                    of=of,
                )
            }}
        )

    select
        dose_id,
        subject_id,
        dose_number,
        vaccine_code,
        lot_number,
        injected_on,
        facility_code,
        recorded_at,
        updated_at,
        _delivery,
        _table,
        _row,
        _increment_on
    from latest
{%- endmacro %}

{% macro judged_doses(doses, vaccines, faulty) -%}
    {#- Doses with what was found on them: what was recorded is kept once, in the raw rows. -#}
    with
        doses as (select * from {{ doses }}),

        vaccines as (
            select vaccine_code, any_value(vaccine) as vaccine
            from {{ vaccines }}
            group by vaccine_code
        ),

        faulty as (
            select
                _delivery,
                _table,
                _row,
                any_value(is_orphan) as is_orphan,
                any_value(rule_ids) as rule_ids
            from {{ faulty }}
            group by _delivery, _table, _row
        )

    select
        doses.dose_id,
        doses.subject_id,
        doses.dose_number,
        doses.vaccine_code,
        vaccines.vaccine,
        doses.lot_number,
        doses.injected_on,
        doses.facility_code,
        doses.recorded_at,
        doses.updated_at,
        coalesce(faulty.is_orphan, false) as is_orphan,
        coalesce(faulty.rule_ids, '') as rule_ids,
        doses._delivery,
        doses._table,
        doses._row,
        doses._increment_on
    from doses
    left join vaccines on doses.vaccine_code = vaccines.vaccine_code
    left join
        faulty
        on doses._row = faulty._row
        and doses._table = faulty._table
        and doses._delivery = faulty._delivery
{%- endmacro %}
