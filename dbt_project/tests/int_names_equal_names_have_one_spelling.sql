-- Equal names (one key) have one standard spelling, and one standard spelling belongs
-- to equal names.
with
    names as (select * from {{ ref("int_names") }}),

    by_key as (
        select name_key as shared
        from names
        where name_key is not null
        group by name_key
        having min(full_name_std) <> max(full_name_std)
    ),

    by_spelling as (
        select full_name_std as shared
        from names
        where full_name_std is not null
        group by full_name_std
        having min(name_key) <> max(name_key)
    )

select shared
from by_key
union all
select shared
from by_spelling
