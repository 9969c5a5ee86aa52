{{ config(materialized="ephemeral") }}

with
    evidence as (select * from {{ ref("int_outcomes__evidence") }}),

    comparisons as (select * from {{ ref("verification_rules") }}),

    rules as (select * from {{ ref("outcome_rules") }}),

    combinations as (
        select distinct
            evidence,
            request_kind,
            answer_state,
            is_sufficient,
            fits,
            name_comparison,
            date_of_birth_comparison,
            sex_comparison,
            is_superseded
        from evidence
    ),

    compared as (
        select
            combinations.*,
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
            compared.evidence,
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
        qualify row_number() over (partition by evidence order by rule_order) = 1
    )

select evidence, rule_id, rule_version, outcome
from first_applicable
