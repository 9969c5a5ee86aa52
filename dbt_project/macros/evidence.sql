{#-
    Everything that rules of outcomes look at, as one number: few combinations are possible, and ten million numbers of
    two bytes are written in a fraction of the time of ten million texts. Each macro reads the columns it names; a word
    that is not listed gives null, which no combination has, and which the gate of outcomes stops.
-#}
{% macro asked_number() -%}
    {#- What was asked: one of four. -#}
    cast(
        {{
            place_among(
                {
                    "request_kind": ["with_id", "without_id"],
                    "is_sufficient": [false, true],
                }
            )
        }} as smallint
    )
{%- endmacro %}

{% macro answered_number() -%}
    {#- What the register said of it, in steps of four: added to the number of what was asked it is another for each. -#}
    cast(
        4 * (
            {{
                place_among(
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
        ) as smallint
    )
{%- endmacro %}

{% macro place_among(columns) -%}
    {#- Each combination of the columns' words has its place, from 0. -#}
    {%- set scale = namespace(of_this=1) -%}
    {%- for column, words in columns.items() -%}
        {{ "+ " if not loop.first }}{{ scale.of_this }} * case
            {%- for word in words %}
                when
                    {{ column }}
                    {{
                        (
                            "is null"
                            if word is none
                            else "= "
                            ~ (("'" ~ word ~ "'") if word is string else word)
                        )
                    }}
                then {{ loop.index0 }}
            {%- endfor %}
        end
        {%- set scale.of_this = scale.of_this * (words | length) -%}
    {%- endfor -%}
{%- endmacro %}
