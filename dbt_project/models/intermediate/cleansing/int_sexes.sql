{{ follows(grows_by="sex", narrowed={"stg_vendor__subjects": "later"}) }}

with
    subjects as (select * from {{ ref("stg_vendor__subjects") }}),

    spellings as (select * from {{ ref("sex_spellings") }}),

    distinct_sexes as (select distinct sex from subjects),

    folded as (
        select sex, lower({{ nfc(visible_text("sex")) }}) as spelling
        from distinct_sexes
    )

select
    folded.sex,
    spellings.sex as sex_std,
    {{
        rule_ids(
            {
                "SUB-SEX-01": "coalesce(folded.spelling, '') = ''",
                "SUB-SEX-02": "folded.spelling <> '' and spellings.sex is null",
            }
        )
    }} as rule_ids
from folded
left join spellings on folded.spelling = spellings.spelling
