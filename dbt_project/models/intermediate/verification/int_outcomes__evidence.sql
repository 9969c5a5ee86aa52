{{ follows("int_changes__outcomes", narrowed={"int_requests": "changed"}) }}
-- No outcome is told before the gate of the subjects has spoken:
-- depends_on: {{ ref("int_subjects") }}
with
    requests as (select * from {{ ref("int_requests") }}),

    transfers as (select * from {{ source("verification", "transfers") }}),

    answers as (select * from {{ source("verification", "answers") }}),

    asked as (
        select
            subject_id,
            content_digest,
            request_kind,
            coalesce(length(ngay_thang_nam_sinh), 0) = length('yyyy-mm-dd')
            and gioi_tinh is not null as is_sufficient
        from requests
    ),

    current_answers as (
        select answers.*, asked.request_kind, asked.is_sufficient
        from answers
        inner join
            asked
            on answers.subject_id = asked.subject_id
            and answers.content_digest = asked.content_digest
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

    {#- A batch that was answered has an answer to each of its rows: only one that was merely taken leaves some open. #}
    unanswered as (
        select distinct asked.subject_id, asked.request_kind, asked.is_sufficient
        from asked
        inner join
            transfers
            on asked.subject_id = transfers.subject_id
            and asked.content_digest = transfers.content_digest
        where
            transfers.batch_state = 'acknowledged'
            and asked.subject_id not in (select subject_id from latest_answers)
    ),

    evidence as (
        select
            subject_id,
            request_kind,
            batch_id,
            case
                when error_code is not null
                then 'error'
                when fitting_count is null
                then 'none'
                else 'given'
            end as answer_state,
            is_sufficient,
            case
                fitting_count when 0 then 'none' when 1 then 'one' else 'several'
            end as fits,
            name_comparison,
            date_of_birth_comparison,
            sex_comparison,
            superseding_token is not null as is_superseded
        from latest_answers
        where coalesce(is_acknowledged, true)
        union all
        select
            subject_id,
            request_kind,
            null as batch_id,
            'none' as answer_state,
            is_sufficient,
            'several' as fits,
            null as name_comparison,
            null as date_of_birth_comparison,
            null as sex_comparison,
            false as is_superseded
        from unanswered
    )

select subject_id, {{ evidence_text() }} as evidence, batch_id
from evidence
