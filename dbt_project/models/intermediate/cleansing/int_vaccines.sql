with
    vendor_vaccines as (select * from {{ ref("stg_vendor__vaccines") }}),

    spellings as (select * from {{ ref("vaccine_spellings") }}),

    vaccines as (select * from {{ ref("vaccines") }}),

    latest as (
        {{
            latest_rows(
                "vendor_vaccines",
                key="vaccine_code",
                order_by="_increment_on desc nulls last, _row desc",
            )
        }}
    ),

    spelled as (
        select
            vaccine_code,
            vaccine_name,
            lower({{ nfc(visible_text("vaccine_name")) }}) as spelling
        from latest
    )

select
    spelled.vaccine_code,
    spelled.vaccine_name,
    vaccines.vaccine,
    vaccines.licensed_on,
    vaccines.most_doses
from spelled
left join spellings on spelled.spelling = spellings.spelling
left join vaccines on spellings.vaccine = vaccines.vaccine
