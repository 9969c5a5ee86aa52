{#- Rows: their keyed hashes, the sums of hashes, and days in the country's time. -#}
{% macro local_date(moment) -%}
    {{ return(adapter.dispatch("local_date")(moment)) }}
{%- endmacro %}
{% macro duckdb__local_date(moment) -%}
    cast({{ moment }} at time zone '{{ var("time_zone") }}' as date)
{%- endmacro %}

{% macro start_of_local_day(day) -%}
    {{ return(adapter.dispatch("start_of_local_day")(day)) }}
{%- endmacro %}
{% macro duckdb__start_of_local_day(day) -%}
    cast({{ day }} as timestamp) at time zone '{{ var("time_zone") }}'
{%- endmacro %}

{% macro as_of() -%} cast('{{ var("as_of") }}' as date) {%- endmacro %}

{% macro keyed_hash(columns) -%}
    {#- 128 bits of a row under the installation's secret; null without the secret, which the gate of the marts refuses. -#}
    {{ return(adapter.dispatch("keyed_hash")(columns)) }}
{%- endmacro %}
{% macro duckdb__keyed_hash(columns) -%}
    md5_number(getvariable('digest_key') || '|' || {{ columns | join(" || '|' || ") }})
{%- endmacro %}

{% macro high_half(number) -%}
    {{ return(adapter.dispatch("high_half")(number)) }}
{%- endmacro %}
{% macro duckdb__high_half(number) -%}
    cast({{ number }} >> 64 as ubigint)
{%- endmacro %}

{% macro low_half(number) -%}
    {{ return(adapter.dispatch("low_half")(number)) }}
{%- endmacro %}
{% macro duckdb__low_half(number) -%}
    cast({{ number }} & 18446744073709551615::uhugeint as ubigint)
{%- endmacro %}

{% macro hex_of_sum(sum) -%}
    {#- A sum of 64-bit halves modulo 2^64, as 16 hexadecimal digits. -#}
    {{ return(adapter.dispatch("hex_of_sum")(sum)) }}
{%- endmacro %}
{% macro duckdb__hex_of_sum(sum) -%}
    lpad(
        lower(
            to_hex(
                cast(coalesce({{ sum }}, 0) % 18446744073709551616::hugeint as ubigint)
            )
        ),
        16,
        '0'
    )
{%- endmacro %}

{% macro once() -%}
    {#- Between `as` and the bracket of a CTE that is read several times: evaluate it once. -#}
    {{ return(adapter.dispatch("once")()) }}
{%- endmacro %}
{% macro duckdb__once() -%} materialized {%- endmacro %}

{% macro each_time() -%}
    {#- Likewise, of a CTE that only names a relation: read it each time anew, rather than hold all its rows in memory. -#}
    {{ return(adapter.dispatch("each_time")()) }}
{%- endmacro %}
{% macro duckdb__each_time() -%} not materialized {%- endmacro %}

{% macro row_hash(columns) -%}
    {#- 64 bits that equal rows share; others may share them too, so it only narrows. -#}
    {{ return(adapter.dispatch("row_hash")(columns)) }}
{%- endmacro %}
{% macro duckdb__row_hash(columns) -%} hash({{ columns | join(", ") }}) {%- endmacro %}

{% macro bits_set(numbers) -%}
    {#- How many of 64 bits are set by a group of whole numbers, each by its last six bits. -#}
    {{ return(adapter.dispatch("bits_set")(numbers)) }}
{%- endmacro %}
{% macro duckdb__bits_set(numbers) -%}
    bit_count(bit_or(cast(1 as ubigint) << cast({{ numbers }} & 63 as ubigint)))
{%- endmacro %}
