-- Where results of the gates are kept. Run before each judgement: results stay, all else is made anew.
create schema if not exists quality;

-- Kept by older versions: one verdict per rule, without history.
drop table if exists quality.verdicts;

-- Grain: rule and judgement. `packages` were in scope then; `measured` holds counts by name.
create table if not exists quality.results (
    run_id varchar,
    judged_at timestamptz,
    import_number bigint,
    as_of date,
    packages varchar[],
    relation varchar,
    rule_id varchar,
    severity varchar,
    state varchar,
    measured map(varchar, bigint),
    problem varchar
);

-- Grain: rule of the catalogue.
create or replace table quality.rules (
    relation varchar, rule_id varchar, severity varchar, claim_vi varchar, claim_en varchar
);

-- Grain: package received after those in scope, and never judged.
create or replace table quality.waiting (package varchar);

-- Grain: rule and package. A result holds until rows are imported anew.
create or replace view quality.latest as
with
    packages as (
        select package, true as is_in_scope from raw.scope
        union all
        select package, false from quality.waiting
    ),

    newest as (
        select *
        from quality.results
        where import_number = (select max(import_number) from raw.scope)
        qualify row_number() over (partition by relation, rule_id order by judged_at desc) = 1
    )

select
    newest.run_id,
    newest.judged_at,
    newest.as_of,
    rules.relation,
    rules.rule_id,
    rules.severity,
    rules.claim_vi,
    rules.claim_en,
    packages.package,
    packages.is_in_scope,
    coalesce(newest.state, 'not_evaluated') as state,
    newest.measured['rows'] as rows,
    newest.measured['expected'] as expected,
    newest.measured['breaking'] as breaking,
    newest.measured['missing'] as missing,
    newest.measured,
    case
        when newest.state is not null then newest.problem
        when packages.is_in_scope
        then rules.rule_id || ' was not evaluated. Its gate has not run since the rows were imported.'
        else rules.rule_id || ' was not evaluated. The package was received, but its rows were not imported.'
    end as problem
from quality.rules as rules
cross join packages
left join
    newest
    on rules.relation = newest.relation
    and rules.rule_id = newest.rule_id
    and list_contains(newest.packages, packages.package)
