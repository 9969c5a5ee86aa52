-- Equal names (one key) have one standard spelling, and one standard spelling belongs
-- to equal names.
with
    names as (select * from {{ ref("int_names") }}),

    by_key as (
        select name_key as shared
        from names
        where name_key is not null
        group by name_key
        having count(distinct full_name_std) > 1
    ),

    by_spelling as (
        select full_name_std as shared
        from names
        where full_name_std is not null
        group by full_name_std
        having count(distinct name_key) > 1
    )

select shared
from by_key
union all
select shared
from by_spelling
