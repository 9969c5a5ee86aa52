-- The account of a month: what every table of it counts, from `attempts`, `batches` and the files of batches and answers.
-- Days are days in Viet Nam. A batch is asked when it is first sent, and answered when its answer was accepted.
create temp table sendings as
select
    *,
    cast(started_at at time zone 'Asia/Ho_Chi_Minh' as date) as day,
    row_number() over (partition by batch_id order by started_at, request_id) = 1 as is_first,
    case when result = 'received' then epoch_ms(ended_at) - epoch_ms(started_at) end as response_ms
from attempts;
create temp table asked as
select sendings.batch_id, sendings.day, batches.row_count
from sendings inner join batches using (batch_id)
where is_first and started_at >= getvariable('begins_at');
create temp table answered as
select batch_id, cast(answered_at at time zone 'Asia/Ho_Chi_Minh' as date) as day
from batches where answered_at >= getvariable('begins_at');
delete from sendings where started_at < getvariable('begins_at');
create temp table touched as select batch_id from asked union select batch_id from answered;

-- rows
create temp table judged as
with
    asked_rows as (
        select coalesce(number_kind, 'unknown') as kind, coalesce(province_code, '') as province_code, count(*) as asked
        from indexed where batch_id in (select batch_id from asked) group by all
    ),
    answered_rows as (
        select
            coalesce(number_kind, 'unknown') as kind,
            coalesce(province_code, '') as province_code,
            count(*) as answered,
            count(*) filter (where fitting_count = 1) as found_one,
            count(*) filter (where fitting_count > 1) as found_several,
            count(*) filter (where fitting_count = 0) as found_none,
            count(*) filter (where error_code is not null) as refused
        from answers inner join indexed using (batch_id, subject_id, asking)
        group by all
    )
select * from asked_rows full join answered_rows using (kind, province_code);

-- totals
select
    (select count(*) from asked) as batches_asked,
    (select coalesce(sum(row_count), 0)::bigint from asked) as rows_asked,
    (select count(*) from answered) as batches_answered,
    coalesce(sum(answered), 0)::bigint as rows_answered,
    coalesce(sum(found_one), 0)::bigint as found_one,
    coalesce(sum(found_several), 0)::bigint as found_several,
    coalesce(sum(found_none), 0)::bigint as found_none,
    coalesce(sum(refused), 0)::bigint as refused,
    (select count(*) from sendings) as attempts,
    (select count(*) from sendings where not is_first) as repeats,
    (select count(*) from sendings where result is distinct from 'received') as came_to_nothing,
    (select count(distinct day) from sendings) as days,
    (select count(*) from batches where answered_at is null) as batches_open
from judged

-- callers
select
    agency, unit, officer, purpose,
    count(*) as attempts,
    count(distinct batch_id) as batches,
    coalesce(sum(row_count) filter (where is_first), 0)::bigint as rows_asked
from sendings inner join batches using (batch_id)
group by all order by all

-- days
with
    calendar as (
        select cast(unnest(range(
            getvariable('begins_at') at time zone 'Asia/Ho_Chi_Minh',
            getvariable('until') at time zone 'Asia/Ho_Chi_Minh',
            interval 1 day
        )) as date) as day
    ),
    sent as (
        select
            day,
            count(*) as attempts,
            count(*) filter (where not is_first) as repeats,
            count(*) filter (where result is distinct from 'received') as came_to_nothing,
            quantile_disc(response_ms, 0.5) as median_ms,
            quantile_disc(response_ms, 0.95) as p95_ms,
            max(response_ms) as longest_ms
        from sendings group by day
    ),
    first_sent as (select day, count(*) as batches_asked, sum(row_count)::bigint as rows_asked from asked group by day),
    heard as (
        select answered.day, count(*) as rows_answered, count(error_code) as refused
        from answers inner join answered using (batch_id) group by all
    )
select
    cast(day as varchar) as day,
    coalesce(batches_asked, 0) as batches_asked,
    coalesce(rows_asked, 0) as rows_asked,
    coalesce(rows_answered, 0) as rows_answered,
    coalesce(refused, 0) as refused,
    coalesce(attempts, 0) as attempts,
    coalesce(repeats, 0) as repeats,
    coalesce(came_to_nothing, 0) as came_to_nothing,
    median_ms, p95_ms, longest_ms
from calendar left join sent using (day) left join first_sent using (day) left join heard using (day)
order by day

-- kinds
select
    kind,
    coalesce(sum(asked), 0)::bigint as asked,
    coalesce(sum(answered), 0)::bigint as answered,
    coalesce(sum(found_one), 0)::bigint as found_one,
    coalesce(sum(found_several), 0)::bigint as found_several,
    coalesce(sum(found_none), 0)::bigint as found_none,
    coalesce(sum(refused), 0)::bigint as refused
from judged group by kind order by kind

-- provinces
select
    province_code,
    coalesce(sum(asked), 0)::bigint as asked,
    coalesce(sum(answered), 0)::bigint as answered,
    coalesce(sum(found_one), 0)::bigint as found_one,
    coalesce(sum(found_several), 0)::bigint as found_several,
    coalesce(sum(found_none), 0)::bigint as found_none,
    coalesce(sum(refused), 0)::bigint as refused
from judged group by province_code order by province_code

-- results
select coalesce(result, '') as result, count(*) as attempts, count(distinct batch_id) as batches
from sendings group by all order by all

-- refusals
select error_code as code, count(*) as row_count
from answers where error_code is not null group by all order by all
