{#- Changed subjects, and all who are or were in a group with one of them: what is found on these is found anew. -#}
{%- set subjects, changes = ref("int_subjects"), ref("int_changes") -%}
{%- if var("since", none) is none %}
    select
        cast(null as bigint) as subject_id,
        cast(null as ubigint) as number_hash,
        cast(null as ubigint) as phone_hash,
        cast(null as ubigint) as place_hash
    where false
{%- else %}
    with
        grouped as {{ each_time() }} (
            select subject_id, {{ group_hashes() }} from {{ subjects }}
        ),

        now as {{ once() }} (
            select * from grouped where {{ is_changed("int_changes") }}
        ),

        touched as {{ once() }} (
            select number_hash, phone_hash, place_hash
            from {{ changes }}
            union all
            select number_hash, phone_hash, place_hash
            from now
        )

    select subject_id, number_hash, phone_hash, place_hash
    from grouped
    where
        {{ is_changed("int_changes") }}
        {%- for hash in ("number_hash", "phone_hash", "place_hash") %}
            or coalesce(
                {{ hash }}
                in (select {{ hash }} from touched where {{ hash }} is not null),
                false
            )
        {%- endfor %}
{%- endif %}
