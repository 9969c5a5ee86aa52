{{ config(materialized="ephemeral") }}

with
    requests as (select * from {{ ref("int_requests") }}),

    subjects as (select * from {{ ref("int_subjects") }}),

    transfers as (select * from {{ source("verification", "transfers") }}),

    answers as (select * from {{ source("verification", "answers") }}),

    acknowledged as (
        select distinct subject_id, content_digest
        from transfers
        where batch_state in ('acknowledged', 'answered')
    ),

    current_answers as (
        select answers.*
        from answers
        inner join
            requests
            on answers.subject_id = requests.subject_id
            and answers.content_digest = requests.content_digest
    ),

    latest_answers as (
        {{
            latest_rows(
                "current_answers",
                key="subject_id",
                order_by="asking desc, batch_id desc",
            )
        }}
    ),

    evidence as (
        select
            requests.subject_id,
            requests.request_kind,
            subjects.id_class,
            latest_answers.batch_id,
            case
                when latest_answers.error_code is not null
                then 'error'
                when latest_answers.fitting_count is null
                then 'none'
                else 'given'
            end as answer_state,
            subjects.date_of_birth_precision = 'day'
            and requests.gioi_tinh is not null as is_sufficient,
            case
                latest_answers.fitting_count
                when 0
                then 'none'
                when 1
                then 'one'
                else 'several'
            end as fits,
            latest_answers.fitting_count,
            latest_answers.name_comparison,
            latest_answers.date_of_birth_comparison,
            latest_answers.sex_comparison,
            latest_answers.superseding_token is not null as is_superseded
        from requests
        inner join
            acknowledged
            on requests.subject_id = acknowledged.subject_id
            and requests.content_digest = acknowledged.content_digest
        inner join subjects on requests.subject_id = subjects.subject_id
        left join latest_answers on requests.subject_id = latest_answers.subject_id
        where coalesce(latest_answers.is_acknowledged, true)
    )

select
    subject_id,
    request_kind,
    id_class,
    batch_id,
    answer_state,
    is_sufficient,
    fits,
    fitting_count,
    name_comparison,
    date_of_birth_comparison,
    sex_comparison,
    is_superseded,
    concat_ws(
        '/',
        request_kind,
        answer_state,
        is_sufficient,
        fits,
        coalesce(name_comparison, '-'),
        coalesce(date_of_birth_comparison, '-'),
        coalesce(sex_comparison, '-'),
        is_superseded
    ) as evidence
from evidence
