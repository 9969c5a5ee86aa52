-- Per number: class, reason, findings of what the file states, repair. In: given, cleansing.
select
    given.n as row,
    any_value(subjects.id_class) as kind,
    any_value(subjects.id_reason) as reason,
    coalesce(
        list(distinct findings.rule_id order by findings.rule_id) filter (where findings.rule_id is not null), []
    ) as findings,
    any_value(subjects.id_repair) as repair
from given
join cleansing.int_subjects__typed as subjects on subjects.subject_id = given.n
left join cleansing.int_subject_findings as findings
    on findings.subject_id = given.n
    and findings.field in ('id_number', 'date_of_birth', 'sex', 'province_code', 'province_name')
    and (findings.rule_id <> 'SUB-PLACE-01' or subjects.province_code is not null)
group by given.n
order by given.n
