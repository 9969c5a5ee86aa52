{{ config(materialized="view") }} {{ current_subjects(ref("stg_vendor__subjects")) }}
