{%- set positions = range(1, var("longest_name_words") + 1) -%}

with
    names as (select * from {{ ref("int_names__cleaned") }}),

    syllables as (select * from {{ ref("int_names__syllables") }}),

    surnames as (select * from {{ ref("undiacritised_surnames") }}),

    split as (
        select
            full_name,
            full_name_folded,
            rule_ids,
            {{ words("full_name_folded") }} as words
        from names
    ),

    numbered as (
        select
            full_name,
            full_name_folded,
            rule_ids,
            len(words) as word_count
            {%- for position in positions %}
                , {{ item_of("words", position) }} as word_{{ position }}
            {%- endfor %}
        from split
    ),

    spelled as (
        select
            numbered.full_name,
            numbered.full_name_folded,
            numbered.rule_ids,
            numbered.word_count,
            {#- A longer text is no name that could be judged word by word: it equals only itself. #}
            case
                when numbered.word_count > {{ var("longest_name_words") }}
                then numbered.full_name_folded
                else
                    concat_ws(
                        ' '
                        {% for position in positions %}
                            , syllable_{{ position }}.syllable_key
                        {% endfor %}
                    )
            end as spelled_key,
            case
                when numbered.word_count > {{ var("longest_name_words") }}
                then numbered.full_name_folded
                else
                    concat_ws(
                        ' '
                        {% for position in positions %}
                            , syllable_{{ position }}.syllable_std
                        {% endfor %}
                    )
            end as spelled_std,
            coalesce(numbered.word_count > 1 and surnames.spelling is not null, false)
            and {{ matches_whole("numbered.full_name_folded", "[a-z ]+") }}
            as is_without_diacritics
        from numbered
        left join surnames on numbered.word_1 = surnames.spelling
        {%- for position in positions %}
            left join
                syllables as syllable_{{ position }}
                on numbered.word_{{ position }} = syllable_{{ position }}.syllable
        {%- endfor %}
    )

select
    full_name,
    nullif(upper(spelled_std), '') as full_name_std,
    nullif(spelled_key, '') as name_key,
    word_count,
    coalesce(is_without_diacritics, false) as is_name_without_diacritics,
    {{
        all_rule_ids(
            [
                "rule_ids",
                rule_ids(
                    {
                        "SUB-NAME-05": "spelled_std <> full_name_folded",
                        "SUB-NAME-07": "is_without_diacritics",
                        "SUB-NAME-09": "word_count = 1 and full_name_folded <> ''",
                    }
                ),
            ]
        )
    }} as rule_ids
from spelled
