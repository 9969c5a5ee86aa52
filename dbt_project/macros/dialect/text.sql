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

{% macro words_together(texts) -%}
    {#- The texts of a group as one, with a space between. -#}
    {{ return(adapter.dispatch("words_together")(texts)) }}
{%- endmacro %}
{% macro duckdb__words_together(texts) -%}
    string_agg({{ texts }}, ' ' order by {{ texts }})
{%- endmacro %}

{% macro list_of(items) -%}
    {{ return(adapter.dispatch("list_of")(items)) }}
{%- endmacro %}
{% macro duckdb__list_of(items) -%} list({{ items }}) {%- endmacro %}

{% macro have_common_item(list, other) -%}
    {{ return(adapter.dispatch("have_common_item")(list, other)) }}
{%- endmacro %}
{% macro duckdb__have_common_item(list, other) -%}
    list_has_any({{ list }}, {{ other }})
{%- endmacro %}

{% macro characters(code_points) -%}
    {#- The text of these code points, spelled so that whoever reads the compiled SQL can see them. -#}
    {%- for code_point in code_points %}
        chr({{ code_point }}){% if not loop.last %} || {% endif %}
    {% endfor -%}
{%- endmacro %}

{% macro map_of(keys, values) -%}
    {{ return(adapter.dispatch("map_of")(keys, values)) }}
{%- endmacro %}
{% macro duckdb__map_of(keys, values) -%}
    map(list({{ keys }}), list({{ values }}))
{%- endmacro %}

{% macro with_letters(text, pattern, letters) -%}
    {#- A text cut by the pattern, each piece as the map has it, or as it is where the map does not have it. -#}
    {{ return(adapter.dispatch("with_letters")(text, pattern, letters)) }}
{%- endmacro %}
{% macro duckdb__with_letters(text, pattern, letters) -%}
    array_to_string(
        list_transform(
            regexp_extract_all({{ text }}, '{{ pattern }}'),
            lambda piece:coalesce({{ letters }} [piece], piece)
        ),
        ''
    )
{%- endmacro %}

{% macro with_character_references(text) -%}
    {#- Numeric references of HTML as the characters they stand for; others stay. -#}
    {{ return(adapter.dispatch("with_character_references")(text)) }}
{%- endmacro %}
{% macro duckdb__with_character_references(text) -%}
    array_to_string(
        list_transform(
            regexp_extract_all(
                {{ text }}, '&#[0-9]{2,5};|&#[xX][0-9A-Fa-f]{2,4};|[\s\S]'
            ),
            lambda piece: case
                when regexp_matches(piece, '^&#[0-9]')
                then
                    coalesce(
                        try(chr(nullif(try_cast(piece[3:-2] as integer), 0))), piece
                    )
                when regexp_matches(piece, '^&#[xX]')
                then
                    coalesce(
                        try(chr(nullif(try_cast('0x' || piece[4:-2] as integer), 0))),
                        piece
                    )
                else piece
            end
        ),
        ''
    )
{%- endmacro %}

{% macro text_of_misread_bytes(text, bytes) -%}
    {#- A text whose characters stand for bytes (`bytes` maps them to hexadecimal digits), read as UTF-8; null where they make none. -#}
    {{ return(adapter.dispatch("text_of_misread_bytes")(text, bytes)) }}
{%- endmacro %}
{% macro duckdb__text_of_misread_bytes(text, bytes) -%}
    try(
        decode(
            unhex(
                array_to_string(
                    list_transform(
                        string_split({{ text }}, ''),
                        lambda sign: case
                            when unicode(sign) < 128
                            then hex(sign)
                            else coalesce({{ bytes }} [sign], 'zz')
                        end
                    ),
                    ''
                )
            )
        )
    )
{%- endmacro %}
