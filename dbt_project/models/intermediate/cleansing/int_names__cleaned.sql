{{ follows(grows_by="full_name", narrowed={"stg_vendor__subjects": "later"}) }}

with
    subjects as (select * from {{ ref("stg_vendor__subjects") }}),

    distinct_names as (select distinct full_name from subjects),

    {#- Searching costs most here: a plain name is found out by one search and spared all the others. #}
    told_apart as (
        select full_name, coalesce({{ is_plain_name("full_name") }}, false) as is_plain
        from distinct_names
    ),

    visible as (
        select
            full_name,
            is_plain,
            case
                when is_plain then full_name else {{ visible_text("full_name") }}
            end as full_name_visible
        from told_apart
    ),

    composed as (
        select
            full_name,
            is_plain,
            full_name_visible,
            case
                when is_plain then full_name else {{ nfc("full_name_visible") }}
            end as full_name_composed
        from visible
    ),

    plain as (
        select
            full_name,
            is_plain,
            full_name_visible,
            full_name_composed,
            case
                when is_plain
                then full_name
                else {{ plain_letters("full_name_composed") }}
            end as full_name_plain
        from composed
    )

select
    full_name,
    full_name_plain,
    case
        when is_plain then lower(full_name) else {{ small_letters("full_name_plain") }}
    end as full_name_folded,
    case
        when is_plain
        then false
        else {{ matches("full_name_plain", "[^\\p{Latin}\\p{M} ''.-]") }}
    end as has_odd_signs,
    case
        when is_plain
        then ''
        else
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
            }}
    end as rule_ids
from plain
