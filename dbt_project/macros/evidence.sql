{#-
    Everything that rules of outcomes look at, as one number: few combinations are possible, and ten million numbers of
    two bytes are written in a fraction of the time of ten million texts. Each macro reads the columns it names; a word
    that is not listed gives null, which no combination has, and which the gate of outcomes stops.
-#}
{% macro words_asked() -%}
    {{
        return(
            {
                "request_kind": ["with_id", "without_id"],
                "is_sufficient": [false, true],
            }
        )
    }}
{%- endmacro %}

{% macro words_answered() -%}
    {{
        return(
            {
                "answer_state": ["none", "error", "given"],
                "fits": ["none", "one", "several"],
                "name_comparison": [none, "equal", "different", "missing"],
                "date_of_birth_comparison": [
                    none,
                    "equal",
                    "different",
                    "missing",
                    "year_equal",
                ],
                "sex_comparison": [none, "equal", "different", "missing"],
                "is_superseded": [false, true],
            }
        )
    }}
{%- endmacro %}

{% macro asked_number() -%}
    {#- What was asked, from 0. -#}
    cast({{ place_among(words_asked()) }} as smallint)
{%- endmacro %}

{% macro answered_number() -%}
    {#- What the register said of it, in steps that leave room for what was asked: the sum of both is another for each. -#}
    {%- set step = namespace(size=1) -%}
    {%- for words in words_asked().values() -%}
        {%- set step.size = step.size * (words | length) -%}
    {%- endfor -%}
    cast({{ step.size }} * ({{ place_among(words_answered()) }}) as smallint)
{%- endmacro %}

{% macro place_among(columns) -%}
    {#- Each combination of the columns' words has its place, from 0. -#}
    {%- set step = namespace(size=1) -%}
    {%- for column, words in columns.items() -%}
        {{ "+ " if not loop.first }}{{ step.size }} * case
            {%- for word in words %}
                when {{ column }} {{ equals(word) }} then {{ loop.index0 }}
            {%- endfor %}
        end
        {%- set step.size = step.size * (words | length) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro equals(word) -%}
    {%- if word is none -%} is null
    {%- elif word is string -%} = '{{ word }}'
    {%- else -%} = {{ word | lower }}
    {%- endif -%}
{%- endmacro %}
