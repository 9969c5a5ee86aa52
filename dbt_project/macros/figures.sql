{#- The figure registry: the columns of fct_subjects that are documented with `meta: figure:`. -#}
{% macro figures() -%}
    {#- A list of {column, id, part_of, …}, in the order in which the columns are documented. Empty while dbt parses. -#}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- set columns = graph.nodes[
            "model." ~ project_name ~ ".fct_subjects"
        ].columns -%}
        {%- for column in columns.values() if "figure" in column.get("config", {}).get("meta", {}) -%}
            {%- do found.append(dict(column.config.meta.figure, column=column.name)) -%}
        {%- endfor -%}
        {%- if not found -%}
            {{
                exceptions.raise_compiler_error(
                    "No column of fct_subjects is documented as a figure; see fct_subjects.yml."
                )
            }}
        {%- endif -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}

{% macro parts_of(parent) -%}
    {{ return(figures() | selectattr("part_of", "equalto", parent.id) | list) }}
{%- endmacro %}

{% macro is_broken_by(parent) -%}
    {#- A row that is in the parent and not in exactly one part, or in a part and not in the parent. -#}
    cast({{ parent.column }} as integer) <> {% for part in parts_of(parent) %}
        cast({{ part.column }} as integer){% if not loop.last %} + {% endif %}
    {% endfor %}
{%- endmacro %}

{% macro figure_mask() -%}
    {#- One number for all figures of a row: bit n is set where the n-th registered figure holds it. -#}
    {%- for figure in figures() %}
        (cast({{ figure.column }} as bigint) << {{ loop.index0 }})
        {%- if not loop.last %} | {% endif %}
    {%- else %} cast(0 as bigint)
    {%- endfor %}
{%- endmacro %}
