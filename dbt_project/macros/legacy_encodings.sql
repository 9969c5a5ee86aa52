{#-
    Names written before Unicode, or passed through a system that took their bytes for others'. How each letter was
    written stands in the seed legacy_spellings; here is how a text is cut into such letters, and when it is worth a look.
-#}
{% macro legacy_encodings() -%}
    {{ return(["html", "utf8", "tcvn3", "vni"]) }}
{%- endmacro %}

{#- What the bytes 80 to BF are in Windows' code pages 1252 and 1258, and in Latin 1. -#}
{% macro continuation_signs() -%}
    {{
        return(
            "\\x{80}-\\x{BF}\\x{20AC}\\x{201A}\\x{192}\\x{201E}\\x{2026}\\x{2020}\\x{2021}\\x{2C6}\\x{2030}\\x{160}"
            ~ "\\x{2039}\\x{152}\\x{17D}\\x{2018}\\x{2019}\\x{201C}\\x{201D}\\x{2022}\\x{2013}\\x{2014}\\x{2DC}"
            ~ "\\x{2122}\\x{161}\\x{203A}\\x{153}\\x{17E}\\x{178}"
        )
    }}
{%- endmacro %}

{#- Letters and signs up to U+00FF that no Vietnamese name has; Eth is a look-alike of Đ. -#}
{% macro foreign_signs() -%}
    {{
        return(
            "\\x{A1}-\\x{BF}\\x{C4}-\\x{C7}\\x{CB}\\x{CE}\\x{CF}\\x{D1}\\x{D6}-\\x{D8}\\x{DB}\\x{DC}\\x{DE}\\x{DF}"
            ~ "\\x{E4}-\\x{E7}\\x{EB}\\x{EE}\\x{EF}\\x{F1}\\x{F6}-\\x{F8}\\x{FB}\\x{FC}\\x{FE}\\x{FF}"
        )
    }}
{%- endmacro %}

{#- Letters with marks that both fonts and Vietnamese names have. -#}
{% macro marked_vowels() -%}
    {{
        return(
            "\\x{C0}-\\x{C3}\\x{C8}-\\x{CA}\\x{D2}-\\x{D5}\\x{D9}\\x{DA}"
            ~ "\\x{E0}-\\x{E3}\\x{E8}-\\x{EA}\\x{F2}-\\x{F5}\\x{F9}\\x{FA}"
        )
    }}
{%- endmacro %}

{% macro character_reference() -%} {{ return("&#?[0-9A-Za-z]+;") }} {%- endmacro %}

{% macro misread_bytes() -%}
    {{
        return(
            "[\\x{C2}-\\x{C6}\\x{E1}\\x{E2}\\x{102}][" ~ continuation_signs() ~ "]"
        )
    }}
{%- endmacro %}

{% macro font_marks() -%}
    {#- A sign foreign to names, two vowels that seldom meet so, or a capital within a word. -#}
    {{
        return(
            "["
            ~ foreign_signs()
            ~ "]|[AEOUYaeouy]["
            ~ marked_vowels()
            ~ "]|[a-z\\x{E0}-\\x{FD}][\\x{C0}-\\x{DD}]"
        )
    }}
{%- endmacro %}

{% macro looks_legacy(text) -%}
    {{
        matches(
            text, character_reference() ~ "|" ~ misread_bytes() ~ "|" ~ font_marks()
        )
    }}
{%- endmacro %}

{% macro possible_encodings(text) -%}
    {#- The encodings that are worth trying, with a space between. The fonts' letters all lie below U+0100. -#}
    concat_ws(
        ' ',
        case when {{ matches(text, character_reference()) }} then 'html' end,
        case when {{ matches(text, misread_bytes()) }} then 'utf8' end,
        case when {{ matches_whole(text, "[\\x{00}-\\x{FF}]*") }} then 'tcvn3 vni' end
    )
{%- endmacro %}

{% macro decoded_text(text, encoding, letters) -%}
    {#- The text with every letter read in that encoding; null where its bytes make no letters. -#}
    {%- if encoding == "html" -%}
        {{
            with_character_references(
                with_letters(text, "&[A-Za-z]+;|[\\s\\S]", letters)
            )
        }}
    {%- elif encoding == "utf8" -%} {{ text_of_misread_bytes(text, letters) }}
    {%- elif encoding == "tcvn3" -%} {{ with_letters(text, "[\\s\\S]", letters) }}
    {%- else -%}
        {{
            with_letters(
                text,
                "[AEOUYaeouyÔÖôö][ÀÁÂÃÄÅÈÉÊËÏÕØÙÚÛÜàáâãäåèéêëïõøùúûü]|[\\s\\S]",
                letters,
            )
        }}
    {%- endif -%}
{%- endmacro %}

{% macro is_vietnamese(text) -%}
    {#- Whether every word is a syllable as Vietnamese has them, with at most one tone. -#}
    (
        {{
            matches_whole(
                without_tones("lower(" ~ text ~ ")"),
                vietnamese_syllable() ~ "( " ~ vietnamese_syllable() ~ ")*",
            )
        }} and not
        {{
            matches(
                "lower(" ~ text ~ ")",
                "[" ~ toned_vowels() ~ "][^ ]*[" ~ toned_vowels() ~ "]",
            )
        }}
    )
{%- endmacro %}

{% macro vietnamese_syllable() -%}
    {{
        return(
            "("
            ~ vietnamese_onset()
            ~ ")?(("
            ~ vietnamese_vowels()
            ~ ")("
            ~ vietnamese_coda()
            ~ ")?|oo(ng|c))"
        )
    }}
{%- endmacro %}
