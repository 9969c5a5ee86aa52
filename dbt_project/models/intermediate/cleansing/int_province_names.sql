{{ follows(grows_by="province_name", narrowed={"stg_vendor__subjects": "later"}) }}

with
    subjects as (select * from {{ ref("stg_vendor__subjects") }}),

    spellings as (select * from {{ ref("province_spellings") }}),

    distinct_names as (select distinct province_name from subjects),

    folded as (
        select
            province_name,
            {{
                without_diacritics(
                    "lower(" ~ plain_letters(nfc(visible_text("province_name"))) ~ ")"
                )
            }} as bare
        from distinct_names
    ),

    spelled as (
        select
            province_name,
            {{
                replace_matches(
                    replace_matches("bare", "^(tinh|thanh pho|t[.]? ?p[.]?) ", ""),
                    "[^a-z]",
                    "",
                )
            }} as spelling
        from folded
    )

select
    spelled.province_name,
    coalesce(spelled.spelling, '') <> '' as is_named,
    spellings.province_code as province_code_named
from spelled
left join spellings on spelled.spelling = spellings.spelling
