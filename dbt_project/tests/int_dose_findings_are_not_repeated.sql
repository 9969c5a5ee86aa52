-- One finding per dose and rule.
select dose_id, rule_id
from {{ ref("int_dose_findings") }}
group by dose_id, rule_id
having count(*) > 1
