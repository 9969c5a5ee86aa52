{#- Text functions whose names or syntax differ between engines. Dispatched, so that another engine adds its own beside these. -#}
{% macro nfc(text) -%} {{ return(adapter.dispatch("nfc")(text)) }} {%- endmacro %}
{% macro duckdb__nfc(text) -%}
    {#- Nothing up to U+02FF or in U+1E00..U+1EFF changes under NFC: such a text, nearly every name, is left alone. -#}
    case
        when regexp_matches({{ text }}, '[^\x{00}-\x{02FF}\x{1E00}-\x{1EFF}]')
        then nfc_normalize({{ text }})
        else {{ text }}
    end
{%- endmacro %}

{% macro trim_characters(text, characters) -%}
    {{ return(adapter.dispatch("trim_characters")(text, characters)) }}
{%- endmacro %}
{% macro duckdb__trim_characters(text, characters) -%}
    trim({{ text }}, {{ characters }})
{%- endmacro %}

{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch("matches")(text, pattern)) }}
{%- endmacro %}
{% macro duckdb__matches(text, pattern) -%}
    regexp_matches({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro matches_whole(text, pattern) -%}
    {{ return(adapter.dispatch("matches_whole")(text, pattern)) }}
{%- endmacro %}
{% macro duckdb__matches_whole(text, pattern) -%}
    regexp_full_match({{ text }}, '{{ pattern }}')
{%- endmacro %}

{% macro part_of_match(text, pattern, group) -%}
    {{ return(adapter.dispatch("part_of_match")(text, pattern, group)) }}
{%- endmacro %}
{% macro duckdb__part_of_match(text, pattern, group) -%}
    regexp_extract({{ text }}, '{{ pattern }}', {{ group }})
{%- endmacro %}

{% macro replace_matches(text, pattern, by) -%}
    {{ return(adapter.dispatch("replace_matches")(text, pattern, by)) }}
{%- endmacro %}
{% macro duckdb__replace_matches(text, pattern, by) -%}
    regexp_replace({{ text }}, '{{ pattern }}', '{{ by }}', 'g')
{%- endmacro %}

{% macro words(text) -%} {{ return(adapter.dispatch("words")(text)) }} {%- endmacro %}
{% macro duckdb__words(text) -%} string_split({{ text }}, ' ') {%- endmacro %}

{% macro item_of(list, position) -%}
    {{ return(adapter.dispatch("item_of")(list, position)) }}
{%- endmacro %}
{% macro duckdb__item_of(list, position) -%} {{ list }} [{{ position }}] {%- endmacro %}

{% macro rows_of(list) -%}
    {{ return(adapter.dispatch("rows_of")(list)) }}
{%- endmacro %}
{% macro duckdb__rows_of(list) -%} unnest({{ list }}) {%- endmacro %}

{% macro characters(code_points) -%}
    {#- The text of these code points, spelled so that whoever reads the compiled SQL can see them. -#}
    {%- for code_point in code_points %}
        chr({{ code_point }}){% if not loop.last %} || {% endif %}
    {% endfor -%}
{%- endmacro %}
