{{ follows("int_changes__outcomes", narrowed={"int_requests": "changed"}) }}
-- No outcome is told before the gate of the subjects has spoken:
-- depends_on: {{ ref("int_subjects") }}
with
    requests as (select * from {{ ref("int_requests") }}),

    transfers as (select * from {{ source("verification", "transfers") }}),

    answers as (select * from {{ source("verification", "answers") }}),

    {#- Numbers are made before rows are joined, where a file of answers still has each word once. #}
    asked as (
        select subject_id, content_digest, {{ asked_number() }} as asked_number
        from
            (
                select
                    *,
                    coalesce(length(ngay_thang_nam_sinh), 0) = length('yyyy-mm-dd')
                    and gioi_tinh is not null as is_sufficient
                from requests
            ) as judged
    ),

    answered as (
        select
            subject_id,
            content_digest,
            asking,
            batch_id,
            coalesce(is_acknowledged, true) as is_taken,
            {{ answered_number() }} as answered_number
        from
            (
                select
                    *,
                    case
                        when error_code is not null
                        then 'error'
                        when fitting_count is null
                        then 'none'
                        else 'given'
                    end as answer_state,
                    case
                        fitting_count
                        when 0
                        then 'none'
                        when 1
                        then 'one'
                        else 'several'
                    end as fits,
                    superseding_token is not null as is_superseded
                from answers
            ) as told
    ),

    current_answers as (
        select
            asked.subject_id,
            asked.asked_number + answered.answered_number as evidence,
            answered.batch_id,
            answered.asking,
            answered.is_taken
        from answered
        inner join
            asked
            on answered.subject_id = asked.subject_id
            and answered.content_digest = asked.content_digest
    ),

    {#- The same content is asked about once, and again by order only. #}
    latest_answers as (
        {{
            latest_rows(
                "current_answers",
                key="subject_id",
                order_by="asking desc, batch_id desc",
                later="asking > 0",
            )
        }}
    ),

    nothing_said as (
        select {{ answered_number() }} as answered_number
        from
            (
                select
                    'none' as answer_state,
                    'several' as fits,
                    null as name_comparison,
                    null as date_of_birth_comparison,
                    null as sex_comparison,
                    false as is_superseded
            ) as told
    ),

    {#- A batch that was answered has an answer to each of its rows: only one that was merely taken leaves some open. #}
    unanswered as (
        select distinct
            asked.subject_id,
            asked.asked_number + nothing_said.answered_number as evidence,
            cast(null as varchar) as batch_id
        from asked
        inner join
            transfers
            on asked.subject_id = transfers.subject_id
            and asked.content_digest = transfers.content_digest
        cross join nothing_said
        where
            transfers.batch_state = 'acknowledged'
            and asked.subject_id not in (select subject_id from latest_answers)
    )

select subject_id, evidence, batch_id
from latest_answers
where is_taken
union all
select subject_id, evidence, batch_id
from unanswered
