{{ config(materialized="view") }}

{{
    judged_doses(
        ref("int_doses__current"), ref("int_vaccines"), ref("int_doses__faulty")
    )
}}
