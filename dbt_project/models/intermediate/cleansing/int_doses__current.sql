{{ config(materialized="view") }} {{ current_doses(ref("stg_vendor__doses")) }}
