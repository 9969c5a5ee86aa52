{#-
    Vietnamese names: white space, look-alike letters, and where the tone mark of a syllable stands.
    Rules and their source: the seed cleansing_rules, SUB-NAME-*.
-#}
{% macro unusual_spaces() -%}
    {#- Every character of Unicode's property White_Space but the plain space, as part of a character class. -#}
    {{
        return(
            "\\x{09}-\\x{0D}\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}"
        )
    }}
{%- endmacro %}

{% macro invisible_characters() -%}
    {#- Control and format characters that leave no trace on paper: zero-width, soft hyphen, marks of direction. -#}
    {{
        return(
            "\\x{00}-\\x{08}\\x{0E}-\\x{1F}\\x{7F}-\\x{84}\\x{86}-\\x{9F}\\x{AD}\\x{034F}\\x{061C}\\x{180E}"
            ~ "\\x{200B}-\\x{200F}\\x{202A}-\\x{202E}\\x{2060}-\\x{206F}\\x{FE00}-\\x{FE0F}\\x{FEFF}"
        )
    }}
{%- endmacro %}

{% macro visible_text(text) -%}
    {#- Invisible characters out, every run of white space one plain space, none at the ends. -#}
    trim(
        case
            when
                {{
                    matches(
                        text, "[" ~ unusual_spaces() ~ invisible_characters() ~ "]|  "
                    )
                }}
            then
                {{
                    replace_matches(
                        replace_matches(text, "[" ~ invisible_characters() ~ "]", ""),
                        "[ " ~ unusual_spaces() ~ "]+",
                        " ",
                    )
                }}
            else {{ text }}
        end
    )
{%- endmacro %}

{#- Đ is U+0110. Its look-alikes are Eth (U+00D0, U+00F0) and the African D (U+0189, U+0256); those of the apostrophe of
    H'Hen and K'Brêu are quotation marks, accents and a prime. -#}
{% macro look_alikes() -%} {{ return("ÐðƉɖ‘’ʼʹ´`′＇ʻ") }} {%- endmacro %}
{% macro looked_like() -%}
    {#- In the same order; an apostrophe is doubled inside a text of SQL. -#}
    {{ return("ĐđĐđ" ~ "''" * 9) }}
{%- endmacro %}

{% macro plain_letters(text) -%}
    case
        when {{ matches(text, "[" ~ look_alikes() ~ "]") }}
        then translate({{ text }}, '{{ look_alikes() }}', '{{ looked_like() }}')
        else {{ text }}
    end
{%- endmacro %}

{% macro is_plain_name(text) -%}
    {#-
        Whether a text is words of Vietnam's alphabet, each with a capital in front and one plain space between: nearly every
        name is, and nothing of it needs to be cleaned.
    -#}
    {%- set small = "a-z" ~ toned_vowels() ~ "ăâđêôơư" -%}
    {%- set word = "[" ~ (small | upper) ~ "][" ~ (small | upper) ~ small ~ "]*" -%}
    {{ matches_whole(text, word ~ "( " ~ word ~ ")*") }}
{%- endmacro %}

{#- The vowels of the alphabet, and each with the five tones in the order sắc, huyền, hỏi, ngã, nặng. -#}
{% macro vowels() -%} {{ return("aăâeêioôơuưy") }} {%- endmacro %}
{% macro toned_vowels() -%}
    {{ return("áàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ") }}
{%- endmacro %}
{% macro untoned_vowels() -%}
    {{ return("aaaaaăăăăăâââââeeeeeêêêêêiiiiioooooôôôôôơơơơơuuuuuưưưưưyyyyy") }}
{%- endmacro %}

{% macro without_tones(text) -%}
    translate({{ text }}, '{{ toned_vowels() }}', '{{ untoned_vowels() }}')
{%- endmacro %}

{% macro tones_of(text) -%}
    {#- The tones of a text in their order, as the capital letters of Telex typing: S F R X J; empty where there is none. -#}
    translate(
        {{ replace_matches(text, "[^" ~ toned_vowels() ~ "]", "") }},
        '{{ toned_vowels() }}',
        '{{ "SFRXJ" * (vowels() | length) }}'
    )
{%- endmacro %}

{% macro with_tone(vowel, tone) -%}
    {#- A vowel with the tone of that Telex letter, as one composed letter. -#}
    {{
        nfc(
            vowel
            ~ " || case "
            ~ tone
            ~ " when 'S' then chr(769) when 'F' then chr(768) when 'R' then chr(777)"
            ~ " when 'X' then chr(771) when 'J' then chr(803) end"
        )
    }}
{%- endmacro %}

{% macro vowel_that_bears_the_tone(vowels, coda) -%}
    {#-
        Which of a syllable's vowels bears the tone, counted from 1, as most people type it (the old placement: hòa, thúy):
        the last one with a quality mark; else the first of two in an open syllable, the second of two before a coda and
        of three.
    -#}
    case
        when {{ matches(vowels, "[ăâêôơư]") }}
        then length({{ part_of_match(vowels, "^.*[ăâêôơư]", 0) }})
        when length({{ vowels }}) = 1
        then 1
        when length({{ vowels }}) = 2 and {{ coda }} = ''
        then 1
        else 2
    end
{%- endmacro %}

{% macro vietnamese_onset() -%}
    {{ return("b|ch?|d|đ|gh?|gi?|h|kh?|l|m|ng?h?|ph?|qu|r|s|th?|tr|v|x") }}
{%- endmacro %}

{% macro vietnamese_parts() -%}
    {#-
        Onset|vowels|coda as Vietnamese has them. The tone of any other syllable stays where it was written: the Khmer name
        Néang is no misplaced Neáng.
    -#}
    {{
        return(
            "^("
            ~ vietnamese_onset()
            ~ ")?[|](("
            ~ vietnamese_vowels()
            ~ ")[|]("
            ~ vietnamese_coda()
            ~ ")?|oo[|](ng|c))$"
        )
    }}
{%- endmacro %}

{% macro vietnamese_vowels() -%}
    {#- The vowels of a rime, without tones. -#}
    {{
        return(
            "a[iouy]?|ă|â[uy]?|eo?|êu?|i(a|ê|êu|u)?|o(a|ai|ao|ay|ă|e|eo|i)?|ôi?|ơi?"
            ~ "|u(a|â|ây|ê|i|ô|ôi|ơ|y|ya|yê|yu)?|ư(a|i|ơ|ơi|ơu|u)?|y(ê|êu)?"
        )
    }}
{%- endmacro %}

{% macro vietnamese_coda() -%} {{ return("ch?|m|n[gh]?|p|t") }} {%- endmacro %}

{% macro without_diacritics(text) -%}
    {#- Small letters of the Vietnamese alphabet as a telegram writes them. -#}
    translate(
        {{ text }},
        '{{ toned_vowels() ~ "ăâđêôơư" }}',
        '{{ (untoned_vowels() | replace("ă", "a") | replace("â", "a") | replace("ê", "e") | replace("ô", "o") | replace("ơ", "o") | replace("ư", "u")) ~ "aadeoou" }}'
    )
{%- endmacro %}

{% macro before_spoken_after() -%}
    {#- A word as three parts: the one that bears a tone, and what hyphens, apostrophes or dots set apart from it. -#}
    {{
        return(
            "^([^"
            ~ toned_vowels()
            ~ "]*[-''.])?([^-''.]*)([-''.][^"
            ~ toned_vowels()
            ~ "]*)?$"
        )
    }}
{%- endmacro %}

{% macro onset_vowels_coda() -%}
    {#- A spoken syllable: its consonants (u after q, and i between g and another vowel, are consonants), vowels, coda. -#}
    {{
        return(
            "^(qu|gi|[^"
            ~ vowels()
            ~ "]*)(["
            ~ vowels()
            ~ "]+)([^"
            ~ vowels()
            ~ "]*)$"
        )
    }}
{%- endmacro %}

{% macro is_placeholder_name(name) -%}
    {#- Small letters: one letter again and again, the word test, or a newborn named after its mother. #}
    {{
        matches(
            name,
            "^("
            ~ (modules.re.sub("(.)", "\\1{3,}|", "abcdefghijklmnopqrstuvwxyzđ"))
            ~ "cb .*|con (bà|mẹ|chị|của) .*|bé (trai|gái) con .*|(trẻ )?sơ sinh( .*)?)$|(^|[ .,-])test([ .,0-9-]|$)",
        )
    }}
{%- endmacro %}

{% macro without_first_word(name) -%}
    {{ replace_matches(name, "^[^ ]+ ", "") }}
{%- endmacro %}

{% macro last_word_first(name) -%}
    {{ part_of_match(name, "[^ ]+$", 0) }}
    || ' '
    || {{ replace_matches(name, " [^ ]+$", "") }}
{%- endmacro %}

{% macro first_word_last(name) -%}
    {{ replace_matches(name, "^[^ ]+ ", "") }}
    || ' '
    || {{ part_of_match(name, "^[^ ]+", 0) }}
{%- endmacro %}

{#- The Turkish letters without and with a dot have no pair in Vietnam's alphabet: they keep their shape in either case. -#}
{% macro small_letters(text) -%}
    case
        when {{ matches(text, "[ıİ]") }}
        then
            translate(
                lower(
                    upper(translate({{ text }}, 'ıİ', {{ characters([57344, 57345]) }}))
                ),
                {{ characters([57344, 57345]) }},
                'ıİ'
            )
        else lower(upper({{ text }}))
    end
{%- endmacro %}

{% macro capitals(text) -%}
    case
        when {{ matches(text, "[ıİ]") }}
        then
            translate(
                upper(translate({{ text }}, 'ıİ', {{ characters([57344, 57345]) }})),
                {{ characters([57344, 57345]) }},
                'ıİ'
            )
        else upper({{ text }})
    end
{%- endmacro %}
