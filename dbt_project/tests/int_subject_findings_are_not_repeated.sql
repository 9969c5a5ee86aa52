-- One finding per subject and rule.
select subject_id, rule_id
from {{ ref("int_subject_findings") }}
group by subject_id, rule_id
having count(*) > 1
