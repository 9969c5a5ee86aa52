{#- Dates of birth as people type them. Rules and their source: the seed cleansing_rules, SUB-DOB-*. -#}
{% macro birth_date_forms() -%}
    {#- How a date of birth may be written: a pattern, and which of its groups hold year, month and day. -#}
    {{
        return(
            [
                {
                    "pattern": "^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})$",
                    "year": 3,
                    "month": 2,
                    "day": 1,
                },
                {
                    "pattern": "^([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})$",
                    "year": 1,
                    "month": 2,
                    "day": 3,
                },
                {"pattern": "^([0-9]{1,2})[/.-]([0-9]{4})$", "year": 2, "month": 1},
                {"pattern": "^([0-9]{4})$", "year": 1},
            ]
        )
    }}
{%- endmacro %}

{% macro birth_date_part(text, part) -%}
    {#- The digits of a part (year, month or day) in whichever form the text has; null where it has none. -#}
    nullif(
        case
            {%- for form in birth_date_forms() if part in form %}
                when {{ matches(text, form["pattern"]) }}
                then {{ part_of_match(text, form["pattern"], form[part]) }}
            {%- endfor %}
            else ''
        end,
        ''
    )
{%- endmacro %}
