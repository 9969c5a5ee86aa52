{{ config(materialized="ephemeral") }}

with rules as (select * from {{ ref("cleansing_rules") }})

select rule_id, rule_version, grain, field, severity, proposes
from rules
where
    since_rule_set <= {{ var("rule_set") }}
    and coalesce(until_rule_set, {{ var("rule_set") }}) >= {{ var("rule_set") }}
