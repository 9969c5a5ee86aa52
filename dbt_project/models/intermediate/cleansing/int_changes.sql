{#-
    Subjects whose rows the days since the last build may have changed, and the groups they were in before: those of new rows, those a
    dose was taken from, and those of whom the day itself decides. Nobody where everything is built anew.
-#}
{%- set subjects, doses = ref("stg_vendor__subjects"), ref("stg_vendor__doses") -%}
{%- if var("since", none) is none %}
    select
        cast(null as bigint) as subject_id,
        cast(null as ubigint) as number_hash,
        cast(null as ubigint) as phone_hash,
        cast(null as ubigint) as place_hash
    where false
{%- else %}
    with
        subjects as {{ each_time() }} (select * from {{ subjects }}),

        doses as {{ each_time() }} (select * from {{ doses }}),

        later_doses as {{ once() }} (
            select dose_id, subject_id from doses where _increment_on > {{ since() }}
        ),

        changed as (
            select subject_id
            from subjects
            where _increment_on > {{ since() }}
            union
            select subject_id
            from later_doses
            union
            select subject_id
            from doses
            where dose_id in (select dose_id from later_doses)
            union
            select subject_id
            from subjects
            where
                recorded_at is null or recorded_at >= {{ start_of_local_day(since()) }}
            union
            select subject_id
            from doses
            where injected_on > {{ since() }}
        ),

        {#- As int_subjects stands before this build brings it forward: against the order of the graph, so no ref. #}
        before as (
            select subject_id, {{ group_hashes() }}
            from {{ relation_named("int_subjects") }}
        )

    select changed.subject_id, before.number_hash, before.phone_hash, before.place_hash
    from changed
    left join before on changed.subject_id = before.subject_id
    where changed.subject_id is not null
{%- endif %}
