-- Every subject of the earlier or the later report with its class in both; `$class` names a row's class.
create temp table moves as
with
    then_rows as (
        select
            f.subject_id, $class as class, f.dose_count, f._delivery, f._table, f._row, f.batch_id, f.rule_id,
            f.rule_version
        from earlier.marts.fct_subjects as f
    ),
    now_rows as (
        select
            f.subject_id, $class as class, f.dose_count, f._delivery, f._table, f._row, f.batch_id, f.rule_id,
            f.rule_version
        from later.marts.fct_subjects as f
    )
select
    t.class as from_class,
    n.class as to_class,
    case
        when t.subject_id is null then 'new'
        when n.subject_id is null then 'withdrawn'
        when t.class = n.class then 'stays'
        when (t._delivery, t._table, t._row) is distinct from (n._delivery, n._table, n._row) then 'data'
        when t.batch_id is distinct from n.batch_id then 'register'
        when (t.rule_id, t.rule_version) is distinct from (n.rule_id, n.rule_version) then 'rule'
        else 'day'
    end as reason,
    coalesce(t.dose_count, 0) as doses_then,
    coalesce(n.dose_count, 0) as doses_now
from then_rows as t full join now_rows as n using (subject_id)
