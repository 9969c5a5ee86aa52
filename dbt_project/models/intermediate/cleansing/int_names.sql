{{ follows(grows_by="full_name", narrowed={"int_names__cleaned": "later names"}) }}

{%- set positions = range(1, var("longest_name_words") + 1) -%}

with
    names as (select * from {{ ref("int_names__cleaned") }}),

    syllables as (select * from {{ ref("int_names__syllables") }}),

    legacy as (select * from {{ ref("int_names__legacy") }}),

    bare_surnames as (select * from {{ ref("undiacritised_surnames") }}),

    surnames as (select * from {{ ref("surnames") }}),

    titles as (select * from {{ ref("name_titles") }}),

    placeholders as (select * from {{ ref("placeholder_names") }}),

    split as (
        select
            full_name,
            full_name_plain,
            full_name_folded,
            has_odd_signs,
            rule_ids,
            {{ words("full_name_folded") }} as words
        from names
    ),

    numbered as (
        select
            full_name,
            full_name_plain,
            full_name_folded,
            has_odd_signs,
            rule_ids,
            {{ item_of("words", "len(words)") }} as last_word,
            len(words) as word_count
            {%- for position in positions %}
                , {{ item_of("words", position) }} as word_{{ position }}
            {%- endfor %}
        from split
    ),

    spelled as (
        select
            numbered.full_name,
            numbered.full_name_plain,
            numbered.full_name_folded,
            numbered.has_odd_signs,
            numbered.rule_ids,
            numbered.word_count,
            numbered.last_word,
            coalesce(
                numbered.word_count > 1
                and not titles.needs_surname
                or numbered.word_count > 2
                and titles.needs_surname
                and second_surnames.is_frequent
                and numbered.last_word not in ('văn', 'thị')
                {#- Ông and Cô are surnames too, and Hoàng or Dương middle names. #}
                and (
                    not titles.is_surname
                    or numbered.word_count > 3
                    or second_surnames.is_hardly_a_given_name
                ),
                false
            ) as has_title,
            placeholders.placeholder is not null
            or {{ is_placeholder_name("numbered.full_name_folded") }} as is_placeholder,
            {#- Few names come as far as the searches; a case keeps the others away from them. #}
            case
                when
                    bare_surnames.spelling is null
                    and not coalesce(first_surnames.is_frequent, false)
                    and last_surnames.is_hardly_a_given_name
                    and numbered.word_2 not in ('văn', 'thị')
                    and numbered.word_count > 1
                then not {{ matches("numbered.word_1", "^.?''|^y$|^.$") }}
                else false
            end as is_surname_last,
            case
                when
                    bare_surnames.spelling is null
                    and first_surnames.surname is null
                    and second_surnames.surname is not null
                    and (
                        second_surnames.is_hardly_a_given_name
                        or numbered.word_3 in ('văn', 'thị')
                    )
                    and numbered.word_count > 2
                then
                    not {{ matches("numbered.word_1", "^.?''|^y$|^.$") }}
                    {#- Christians put the name of a saint first. #}
                    and {{
                        matches_whole(
                            without_tones("numbered.word_1"), vietnamese_syllable()
                        )
                    }}
                else false
            end as is_surname_second,
            {#- A longer text is no name that could be judged word by word: it equals only itself. #}
            {%- for part in ("key", "std", "bare") %}
                case
                    when numbered.word_count > {{ var("longest_name_words") }}
                    then
                        {{
                            (
                                without_diacritics("numbered.full_name_folded")
                                if part == "bare"
                                else "numbered.full_name_folded"
                            )
                        }}
                    else
                        concat_ws(
                            ' '
                            {% for position in positions %}
                                , syllable_{{ position }}.syllable_{{ part }}
                            {% endfor %}
                        )
                end as spelled_{{ part }},
            {%- endfor %}
            coalesce(
                numbered.word_count > 1 and bare_surnames.spelling is not null, false
            )
            and {{ matches_whole("numbered.full_name_folded", "[a-z0-9 ]+") }}
            as is_without_diacritics
        from numbered
        left join bare_surnames on numbered.word_1 = bare_surnames.spelling
        left join titles on numbered.word_1 = titles.title
        left join surnames as first_surnames on numbered.word_1 = first_surnames.surname
        left join
            surnames as second_surnames on numbered.word_2 = second_surnames.surname
        left join
            surnames as last_surnames on numbered.last_word = last_surnames.surname
        left join placeholders on numbered.full_name_folded = placeholders.placeholder
        {%- for position in positions %}
            left join
                syllables as syllable_{{ position }}
                on numbered.word_{{ position }} = syllable_{{ position }}.syllable
        {%- endfor %}
    )

select
    spelled.full_name,
    nullif({{ capitals("spelled.spelled_std") }}, '') as full_name_std,
    nullif(spelled.spelled_key, '') as name_key,
    nullif(spelled.spelled_bare, '') as name_bare,
    spelled.word_count,
    coalesce(spelled.is_without_diacritics, false) as is_name_without_diacritics,
    case
        when legacy.full_name is not null
        then legacy.full_name_repair
        when spelled.is_placeholder
        then null
        when spelled.has_title
        then {{ without_first_word("spelled.full_name_plain") }}
        when spelled.is_surname_last
        then {{ last_word_first("spelled.full_name_plain") }}
        when spelled.is_surname_second
        then {{ first_word_last("spelled.full_name_plain") }}
    end as full_name_repair,
    {#- Of a text in another encoding nothing else can be said. #}
    case
        when {{ is_in_rule_set("'SUB-NAME-13'") }} and legacy.full_name is not null
        then 'SUB-NAME-13'
        else
            {{
                all_rule_ids(
                    [
                        "spelled.rule_ids",
                        rule_ids(
                            {
                                "SUB-NAME-05": "spelled.spelled_std <> spelled.full_name_folded",
                                "SUB-NAME-07": "spelled.is_without_diacritics",
                                "SUB-NAME-08": "spelled.has_odd_signs and "
                                ~ matches(
                                    "spelled.full_name_plain",
                                    "[^\\p{Latin}\\p{M}0-9 ''.-]",
                                ),
                                "SUB-NAME-08@1": "spelled.has_odd_signs",
                                "SUB-NAME-09": "spelled.word_count = 1 and spelled.full_name_folded <> ''",
                                "SUB-NAME-10": "spelled.has_odd_signs and "
                                ~ matches("spelled.full_name_plain", "[0-9]"),
                                "SUB-NAME-11": "spelled.has_title and not spelled.is_placeholder",
                                "SUB-NAME-12": "spelled.is_placeholder",
                                "SUB-NAME-14": "not spelled.has_title and not spelled.is_placeholder"
                                ~ " and (spelled.is_surname_last or spelled.is_surname_second)",
                            }
                        ),
                    ]
                )
            }}
    end as rule_ids
from spelled
left join legacy on spelled.full_name = legacy.full_name
