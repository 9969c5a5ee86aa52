with
    subjects as (select * from {{ ref("stg_vendor__subjects") }}),

    distinct_names as (select distinct full_name from subjects),

    visible as (
        select full_name, {{ visible_text("full_name") }} as full_name_visible
        from distinct_names
    ),

    composed as (
        select
            full_name,
            full_name_visible,
            {{ nfc("full_name_visible") }} as full_name_composed
        from visible
    ),

    plain as (
        select
            full_name,
            full_name_visible,
            full_name_composed,
            {{ plain_letters("full_name_composed") }} as full_name_plain
        from composed
    )

select
    full_name,
    full_name_plain,
    {{ small_letters("full_name_plain") }} as full_name_folded,
    {{ matches("full_name_plain", "[^\\p{Latin}\\p{M} ''.-]") }} as has_odd_signs,
    {{
        rule_ids(
            {
                "SUB-NAME-01": "coalesce(full_name_visible, '') = ''",
                "SUB-NAME-02": "full_name_visible <> full_name",
                "SUB-NAME-03": "full_name_composed <> full_name_visible",
                "SUB-NAME-04": "full_name_plain <> full_name_composed",
                "SUB-NAME-06": matches("full_name_plain", "(^| )\\p{Ll}"),
            }
        )
    }} as rule_ids
from plain
