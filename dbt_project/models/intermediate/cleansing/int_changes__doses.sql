{#- The current doses of changed subjects, and those without a subject. -#}
{%- set doses, changes = ref("stg_vendor__doses"), ref("int_changes") -%}
{%- set wanted = (
    "false" if var("since", none) is none else is_changed("int_changes")
) -%}
{{ current_doses(doses, of=wanted) }}
