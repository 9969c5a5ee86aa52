-- Requests are sent and answered before it, batches of answers are told in
-- following.news:
-- depends_on: {{ ref("int_requests") }}
{#- Subjects whose outcome may have changed: those of int_changes, and those of batches that came to something since. -#}
{%- set changes = ref("int_changes") -%}
{%- set transfers = source("verification", "transfers") -%}
{%- if var("since", none) is none %}
    select cast(null as bigint) as subject_id where false
{%- else %}
    select subject_id
    from {{ changes }}
    union
    select subject_id
    from {{ transfers }}
    where
        batch_id in (
            select batch_id
            from
                {{
                    api.Relation.create(
                        database=this.database, schema="following", identifier="news"
                    )
                }}
        )
{%- endif %}
