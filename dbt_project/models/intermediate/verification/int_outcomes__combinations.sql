with
    groups as (select * from {{ ref("id_class_groups") }}),

    comparisons as (select * from {{ ref("verification_rules") }}),

    rules as (select * from {{ ref("outcome_rules") }}),

    {#- Of a field the register may say nothing at all. #}
    words as (
        select field, comparison
        from comparisons
        union all
        select distinct field, null as comparison
        from comparisons
    ),

    {#- More than the contract allows: a few thousand, where looking for those that occur would read every answer twice. #}
    combinations as (
        select
            kinds.request_kind,
            states.answer_state,
            sufficiencies.is_sufficient,
            fits.fits,
            names.comparison as name_comparison,
            births.comparison as date_of_birth_comparison,
            sexes.comparison as sex_comparison,
            supersessions.is_superseded
        from (select distinct request_kind from groups) as kinds
        cross join (select unnest(['none', 'error', 'given']) as answer_state) as states
        cross join (select unnest([true, false]) as is_sufficient) as sufficiencies
        cross join (select unnest(['none', 'one', 'several']) as fits) as fits
        cross join (select comparison from words where field = 'name') as names
        cross join
            (select comparison from words where field = 'date_of_birth') as births
        cross join (select comparison from words where field = 'sex') as sexes
        cross join (select unnest([true, false]) as is_superseded) as supersessions
    ),

    compared as (
        select
            combinations.*,
            {{ asked_number() }} + {{ answered_number() }} as evidence,
            coalesce(names.is_equal, false) as is_name_equal,
            coalesce(births.is_equal, false) as is_date_of_birth_equal,
            coalesce(sexes.is_equal, false) as is_sex_equal
        from combinations
        left join
            comparisons as names
            on names.field = 'name'
            and combinations.name_comparison = names.comparison
        left join
            comparisons as births
            on births.field = 'date_of_birth'
            and combinations.date_of_birth_comparison = births.comparison
        left join
            comparisons as sexes
            on sexes.field = 'sex'
            and combinations.sex_comparison = sexes.comparison
    ),

    {#- A condition that a rule leaves empty holds for everything. #}
    applicable as (
        select
            compared.*,
            rules.rule_order,
            rules.rule_id,
            rules.rule_version,
            rules.outcome
        from compared
        inner join
            rules
            on coalesce(rules.request_kind = compared.request_kind, true)
            and coalesce(rules.answer_state = compared.answer_state, true)
            and coalesce(rules.is_sufficient = compared.is_sufficient, true)
            and coalesce(rules.fits = compared.fits, true)
            and coalesce(rules.is_name_equal = compared.is_name_equal, true)
            and coalesce(
                rules.is_date_of_birth_equal = compared.is_date_of_birth_equal, true
            )
            and coalesce(rules.is_sex_equal = compared.is_sex_equal, true)
            and coalesce(rules.is_superseded = compared.is_superseded, true)
    ),

    first_applicable as (
        select *
        from applicable
        qualify
            row_number() over (
                partition by
                    request_kind,
                    answer_state,
                    is_sufficient,
                    fits,
                    name_comparison,
                    date_of_birth_comparison,
                    sex_comparison,
                    is_superseded
                order by rule_order
            )
            = 1
    )

select
    evidence,
    outcome,
    rule_id,
    rule_version,
    request_kind,
    name_comparison,
    date_of_birth_comparison,
    sex_comparison,
    case
        when answer_state <> 'given'
        then null
        when fits = 'none'
        then 0
        when fits = 'one'
        then 1
        else 2
    end as fitting_count,
    is_superseded
from first_applicable
