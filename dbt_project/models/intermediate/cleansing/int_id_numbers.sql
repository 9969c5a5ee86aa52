{{ follows(grows_by="id_number", narrowed={"stg_vendor__subjects": "later"}) }}

with
    explained as (select * from {{ ref("int_id_numbers__explained") }}),

    repaired as (
        select
            id_number,
            id_number_std,
            id_class,
            id_reason,
            case
                id_reason
                when 'dropped_zeros'
                then lpad(id_number_std, 12, '0')
                when 'separators'
                then digits_only
                when 'letters_for_digits'
                then {{ digits_in_disguise("digits_only") }}
            end as id_repair
        from explained
    )

select
    id_number,
    id_number_std,
    id_class,
    id_reason,
    id_repair,
    {{
        rule_ids(
            {
                "SUB-ID-01": "id_number_std is null",
                "SUB-ID-02": "id_reason = 'dropped_zeros'",
                "SUB-ID-03": "id_reason is not null and id_reason <> 'dropped_zeros'",
                "SUB-ID-09": "id_number_std <> id_number",
            }
        )
    }} as rule_ids
from repaired
