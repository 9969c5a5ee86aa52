{#-
    How a day is brought into a relation without building it anew. A model that `follows` is a function of the rows of a
    subject (or of a single value), so what it makes of everybody else's rows stays as it is. On a day the very SQL of
    the model runs on less: relations that it reads are narrowed, in the text, to the rows of changed subjects. What dbt
    compiles stays the whole definition; lineage and traces read that.

    The variable `since` is the last day that the relations hold already; without it everything is built anew. Whether a
    day may be followed is decided in orchestration/warehouse/following.py.
-#}
{% macro follows(changes=none, narrowed={}, grows_by=none, only=none) -%}
    {#-
        Configures the model that calls it.
        - changes: the relation of the subjects whose rows are made anew; none for a model of distinct values
        - only: a column of that relation; only subjects where it is true are made anew
        - narrowed: by relation that is read, what it is cut down to (see narrowed_relation)
        - grows_by: the value of a model of distinct values; new ones are added
    -#}
    {{
        config(
            materialized="follows",
            meta={
                "follows": {
                    "changes": changes,
                    "narrowed": narrowed,
                    "grows_by": grows_by,
                    "only": only,
                }
            },
        )
    }}
    {%- if changes %} {% do ref(changes) %} {% endif -%}
    {%- for cut_to in narrowed.values() if cut_to.startswith("int_changes") -%}
        {%- do ref(cut_to) -%}
    {%- endfor -%}
{%- endmacro %}

{% materialization follows, adapter = "duckdb" %}
    {%- set existing = load_cached_relation(this) -%}
    {%- if var("since", none) is none or existing is none or not existing.is_table -%}
        {{ return(materialization_table_duckdb()) }}
    {%- endif -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement("main") -%}
        {{ following_sql(this, compiled_code, model.config.meta["follows"]) }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({"relations": [this.incorporate(type="table")]}) }}
{% endmaterialization %}

{% macro following_sql(target, sql, follows) -%}
    {#- Rows without a subject belong to nobody: there are few, and they are always made anew. -#}
    {%- if follows.grows_by %}
        insert into {{ target }}
        select *
        from ({{ narrowed_sql(sql, follows) }}) as made
        where
            not exists (
                select 1
                from {{ target }} as known
                where
                    known.{{ follows.grows_by }}
                    is not distinct from made.{{ follows.grows_by }}
            )
    {%- else %}
        delete from {{ target }}
        where {{ is_changed(follows.changes, follows.only) }};
        insert into {{ target }}
        select *
        from ({{ narrowed_sql(sql, follows) }}) as made
        where {{ is_changed(follows.changes, follows.only) }}
    {%- endif %}
{%- endmacro %}

{% macro narrowed_sql(sql, follows) -%}
    {%- set text = namespace(sql=sql) -%}
    {%- for name, cut_to in follows.narrowed.items() -%}
        {%- set whole = relation_named(name) | string -%}
        {%- if whole not in text.sql -%}
            {{
                exceptions.raise_compiler_error(
                    model.name ~ " does not read " ~ name ~ " and cannot narrow it"
                )
            }}
        {%- endif -%}
        {%- set cut = narrowed_relation(name, cut_to, follows) -%}
        {%- set text.sql = text.sql | replace(whole, cut) -%}
    {%- endfor -%}
    {{ text.sql }}

{% endmacro %}

{% macro narrowed_relation(name, cut_to, follows) -%}
    {#- A relation named for it, or the rows of changed subjects, of later days, of names that came on later days. -#}
    {%- set whole = relation_named(name) -%}
    {%- if cut_to == "changed" -%}
        (select * from {{ whole }} where {{ is_changed(follows.changes) }})
    {%- elif cut_to == "later" -%}
        (select * from {{ whole }} where _increment_on > {{ since() }})
    {%- elif cut_to == "later names" -%}
        (
            select *
            from {{ whole }}
            where
                full_name is null
                or full_name in (
                    select full_name
                    from {{ relation_named("stg_vendor__subjects") }}
                    where _increment_on > {{ since() }}
                )
        )
    {%- elif cut_to == "doses of changed" -%}
        (
        {{
            judged_doses(
                current_doses_of(follows.changes),
                relation_named("int_vaccines"),
                "(select * from "
                ~ relation_named("int_doses__faulty")
                ~ " where "
                ~ is_changed(follows.changes)
                ~ ")",
            )
        }}
        )
    {%- else -%} {{ relation_named(cut_to) }}
    {%- endif -%}
{%- endmacro %}

{% macro current_doses_of(changes) -%}
    {%- if changes == "int_changes" -%} {{ relation_named("int_changes__doses") }}
    {%- else -%}
        (
        {{
            current_doses(
                relation_named("stg_vendor__doses"), relation_named(changes)
            )
        }}
        )
    {%- endif -%}
{%- endmacro %}

{% macro is_changed(changes, only=none) -%}
    (
        subject_id is null
        or subject_id in (
            select subject_id
            from {{ relation_named(changes) }}
    {% if only %} where {{ only }}
    {% endif %}
        )
    )
{%- endmacro %}

{% macro since() -%} cast('{{ var("since") }}' as date) {%- endmacro %}

{% macro relation_named(name) -%}
    {#- A model's relation, found by name: what a model reads through another is no reference of its own. -#}
    {%- set node = graph.nodes["model." ~ project_name ~ "." ~ name] -%}
    {{
        return(
            api.Relation.create(
                database=node.database, schema=node.schema, identifier=node.alias
            )
        )
    }}
{%- endmacro %}
