-- Per dose: findings. In: given, cleansing.
select
    given.n as row,
    coalesce(
        list(distinct findings.rule_id order by findings.rule_id) filter (where findings.rule_id is not null), []
    ) as findings
from given
left join cleansing.int_dose_findings as findings on findings.dose_id = given.n
group by given.n
order by given.n
