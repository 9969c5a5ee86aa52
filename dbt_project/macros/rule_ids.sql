{#-
    Findings as text: the ids of the rules that found something. Which version of a rule speaks is told by the variable
    `rule_versions` (rule id -> version, "0" where the rule set does not have the rule); a rule it does not name speaks as
    it stands today. So an older rule set of the seed cleansing_rules can be run beside the current one.
-#}
{% macro rule_ids(conditions) -%}
    {#-
        The ids of the rules whose condition holds, in the order given, with a space between; empty when none does. A key
        `SUB-NAME-08@1` is the condition of an older version.
    -#}
    {%- set spoken = {} -%}
    {%- for key, condition in conditions.items() -%}
        {%- set rule_id, _, version = key.partition("@") -%}
        {%- if (version or "current") == rule_version(rule_id) -%}
            {%- do spoken.update({rule_id: condition}) -%}
        {%- endif -%}
    {%- endfor -%}
    {#- Most rows break none: asking for any first spares them the making of a text. -#}
    {%- if spoken %}
        case
            when
                {% for condition in spoken.values() %}
                    ({{ condition }}) {% if not loop.last %} or {% endif %}
                {% endfor %}
            then
                concat_ws(
                    ' ',
                    {%- for rule_id, condition in spoken.items() %}
                        case when {{ condition }} then '{{ rule_id }}' end,
                    {%- endfor %}
                    null
                )
            else ''
        end
    {%- else %} ''
    {%- endif %}
{%- endmacro %}

{% macro rule_version(rule_id) -%}
    {#- "current", or the version that the rule set in use has. -#}
    {{ return(var("rule_versions", {}).get(rule_id, "current") | string) }}
{%- endmacro %}

{% macro all_rule_ids(texts) -%}
    {#- Several such texts as one. -#}
    case
        when
            {% for text in texts %}
                {{ text }} <> '' {% if not loop.last %} or {% endif %}
            {% endfor %}
        then
            concat_ws(
                ' ' {%- for text in texts %}, nullif({{ text }}, '') {%- endfor %}
            )
        else ''
    end
{%- endmacro %}

{% macro is_in_rule_set(rule_id) -%}
    {#- Whether a rule that found something is one of the rule set in use. -#}
    {%- set absent = [] -%}
    {%- for known, version in var("rule_versions", {}).items() if version | string == "0" -%}
        {%- do absent.append(known) -%}
    {%- endfor -%}
    {{ rule_id }} not in ('', '{{ absent | join("', '") }}')
{%- endmacro %}
