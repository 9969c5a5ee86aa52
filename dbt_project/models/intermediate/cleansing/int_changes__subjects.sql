{#- The current rows of changed subjects, and those without a subject. -#}
{%- set subjects, changes = ref("stg_vendor__subjects"), ref("int_changes") -%}
{{ current_subjects(subjects, of=changes) }}
