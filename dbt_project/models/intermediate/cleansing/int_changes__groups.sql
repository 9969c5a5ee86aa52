{#-
    Changed subjects and all who are or were in a group with one of them, whose findings are made anew (`is_anew`); and everybody
    in a group with one of these, beside whom they are looked at.
-#}
{%- set subjects, changes = ref("int_subjects"), ref("int_changes") -%}
{%- set hashes = ("number_hash", "phone_hash", "place_hash") -%}
{%- if var("since", none) is none %}
    select cast(null as bigint) as subject_id, cast(null as boolean) as is_anew
    where false
{%- else %}
    with
        grouped as {{ once() }} (
            select subject_id, {{ group_hashes() }} from {{ subjects }}
        ),

        now as {{ once() }} (
            select * from grouped where {{ is_changed("int_changes") }}
        ),

        touched as {{ once() }} (
            select {{ hashes | join(", ") }}
            from {{ changes }}
            union all
            select {{ hashes | join(", ") }}
            from now
        ),

        found_anew as {{ once() }} (
            {{ in_group_with("grouped", "touched", hashes) }}
            union
            select *
            from now
        ),

        beside as ({{ in_group_with("grouped", "found_anew", hashes) }})

    select subject_id, true as is_anew
    from found_anew
    union
    select subject_id, false as is_anew
    from beside
    where
        subject_id is not null
        and subject_id
        not in (select subject_id from found_anew where subject_id is not null)
{%- endif %}
