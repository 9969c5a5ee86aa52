{#- Dates of birth as people type them. Rules and their source: the seed cleansing_rules, SUB-DOB-*. -#}
{% macro usual_birth_date_forms() -%}
    {#- How a date of birth is written: a pattern, and which of its groups hold year, month and day. -#}
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

{% macro unusual_birth_date_forms() -%}
    {#-
        Forms of forms, spreadsheets and programs that can be read in one way only: zeros for what isn't known, words,
        spaces, a time of midnight, eight digits (the month of a year first and that of a day first never both exist).
    -#}
    {{
        return(
            [
                {"pattern": "^0{1,2}[/.-]0{1,2}[/.-]([0-9]{4})$", "year": 1},
                {"pattern": "^([0-9]{4})[/.-]0{1,2}[/.-]0{1,2}$", "year": 1},
                {
                    "pattern": "^0{1,2}[/.-]([0-9]{1,2})[/.-]([0-9]{4})$",
                    "year": 2,
                    "month": 1,
                },
                {
                    "pattern": "(?i)^(?:ng[àa]y +)?([0-9]{1,2}) +th[áa]ng +([0-9]{1,2})(?: +n[ăa]m|,) +([0-9]{4})$",
                    "year": 3,
                    "month": 2,
                    "day": 1,
                },
                {
                    "pattern": "(?i)^th[áa]ng +([0-9]{1,2})(?: +n[ăa]m|,) +([0-9]{4})$",
                    "year": 2,
                    "month": 1,
                },
                {"pattern": "(?i)^n[ăa]m +([0-9]{4})$", "year": 1},
                {
                    "pattern": "^([0-9]{1,2})(?: *[/.-] *| +)([0-9]{1,2})(?: *[/.-] *| +)([0-9]{4})(?: 0?0:00(?::00)?)?$",
                    "year": 3,
                    "month": 2,
                    "day": 1,
                },
                {
                    "pattern": "^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})[T ]00:00(?::00(?:[.]0+)?)?$",
                    "year": 1,
                    "month": 2,
                    "day": 3,
                },
                {
                    "pattern": "^([0-9]{2})(0[1-9]|1[0-2])((?:19|20)[0-9]{2})$",
                    "year": 3,
                    "month": 2,
                    "day": 1,
                },
                {
                    "pattern": "^((?:19|20)[0-9]{2})(0[1-9]|1[0-2])([0-9]{2})$",
                    "year": 1,
                    "month": 2,
                    "day": 3,
                },
            ]
        )
    }}
{%- endmacro %}

{% macro is_unusual_birth_date(text) -%}
    {#- Whether only one of the unusual forms fits; zeros for unknown parts fit a usual one too, as a day that isn't one. -#}
    (
        {%- for form in unusual_birth_date_forms() %}
            {% if not loop.first %}or {% endif %}
            {{ matches(text, form["pattern"]) }}
            {% if loop.index > 3 %}
                and not {{ matches(text, "^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}$") }}
            {% endif %}
        {%- endfor %}
    )
{%- endmacro %}

{% macro birth_date_part(text, part) -%}
    {#- The digits of a part (year, month or day) in whichever form the text has; null where it has none. -#}
    {%- set unusual = (
        unusual_birth_date_forms()
        if rule_version("SUB-DOB-07") == "current"
        else []
    ) -%}
    nullif(
        case
            {%- for form in unusual[:3] + usual_birth_date_forms() + unusual[3:] %}
                when {{ matches(text, form["pattern"]) }}
                then
                    {% if part in form %}
                        {{ part_of_match(text, form["pattern"], form[part]) }}
                    {% else %} ''
                    {% endif %}
            {%- endfor %}
            else ''
        end,
        ''
    )
{%- endmacro %}

{% macro day_of(year, month, day) -%}
    {#- A day from digits; null where the calendar does not have it. -#}
    try_cast(
        {{ year }}
        || '-'
        || lpad({{ month }}, 2, '0')
        || '-'
        || lpad({{ day }}, 2, '0') as date
    )
{%- endmacro %}

{% macro birth_date_repair(text) -%}
    {#-
        What an unreadable text most probably means, where that is one day: day and month exchanged, the number by which a
        spreadsheet counts days, or midnight in Viet Nam told in universal time.
    -#}
    case
        when {{ matches(text, "^[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{4}$") }}
        then
            {{
                day_of(
                    part_of_match(text, "[0-9]{4}$", 0),
                    part_of_match(text, "^[0-9]+", 0),
                    part_of_match(text, "[/.-]([0-9]+)[/.-]", 1),
                )
            }}
        when {{ matches(text, "^[1-4][0-9]{4}$") }}
        then date '1899-12-30' + try_cast({{ text }} as integer)
        when {{ matches(text, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T17:00(:00([.]0+)?)?Z$") }}
        then try_cast({{ part_of_match(text, "^[^T]+", 0) }} as date) + 1
    end
{%- endmacro %}

{% macro years_after(day, years) -%}
    {{ return(adapter.dispatch("years_after")(day, years)) }}
{%- endmacro %}
{% macro duckdb__years_after(day, years) -%}
    cast({{ day }} + to_years({{ years }}) as date)
{%- endmacro %}

{% macro written_day(day) -%}
    {#- As people in Viet Nam write it: 05/03/1980. -#}
    lpad(cast(day({{ day }}) as varchar), 2, '0')
    || '/'
    || lpad(cast(month({{ day }}) as varchar), 2, '0')
    || '/'
    || lpad(cast(year({{ day }}) as varchar), 4, '0')
{%- endmacro %}
