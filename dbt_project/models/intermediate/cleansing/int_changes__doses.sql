{#- The current doses of changed subjects, and those without a subject. -#}
{%- set doses, changes = ref("stg_vendor__doses"), ref("int_changes") -%}
{{ current_doses(doses, of=changes) }}
