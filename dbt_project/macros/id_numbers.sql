{#- Identity numbers: trimming, classes, reasons and repairs. Rules and their source: the seed cleansing_rules, SUB-ID-*. -#}
{% macro trimmed(text) -%}
    {#- White space of Unicode off both ends, and nothing else. -#}
    {{
        trim_characters(
            text,
            characters(
                range(9, 14)
                | list + [32, 133, 160, 5760] + range(8192, 8203)
                | list + [8232, 8233, 8239, 8287, 12288]
            ),
        )
    }}
{%- endmacro %}

{% macro id_class(number) -%}
    {#- `number` is trimmed. Digits are ASCII digits. -#}
    case
        when coalesce({{ number }}, '') = ''
        then 'missing'
        when {{ matches_whole(number, "[0-9]{12}") }}
        then 'cccd12'
        when {{ matches_whole(number, "[0-9]{9}") }}
        then 'cmnd9'
        else 'malformed'
    end
{%- endmacro %}

{% macro digits_in_disguise(number) -%}
    {#- Letters and full-width digits typed for digits: O for 0, I and l for 1. -#}
    translate({{ number }}, 'OoIl０１２３４５６７８９', '00110123456789')
{%- endmacro %}

{% macro without_separators(number) -%}
    {#- Out: white space, invisible characters, dots, commas, hyphens, slashes and apostrophes. -#}
    {{
        replace_matches(
            number,
            "[ " ~ unusual_spaces() ~ invisible_characters() ~ ".,/_''‘’`–-]",
            "",
        )
    }}
{%- endmacro %}

{% macro is_valid_id(number) -%}
    {{ matches_whole(number, "[0-9]{9}|[0-9]{12}") }}
{%- endmacro %}

{% macro is_filler_number(number) -%}
    {#-
        Whether somebody typed it to fill the field: one digit repeated (perhaps after a zero), digits that run up or down.
        Asked of every valid number, hence no regular expression.
    -#}
    (
        left({{ number }}, 1) in ('0', right({{ number }}, 1))
        and replace(substring({{ number }}, 2), right({{ number }}, 1), '') = ''
        or position({{ number }} in '{{ "0123456789" * 3 }}') > 0
        or position({{ number }} in '{{ "9876543210" * 3 }}') > 0
    )
{%- endmacro %}
