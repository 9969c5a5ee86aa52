{{ follows(grows_by="syllable", narrowed={"int_names__cleaned": "later names"}) }}

with
    names as (select * from {{ ref("int_names__cleaned") }}),

    syllables as (
        select distinct {{ rows_of(words("full_name_folded")) }} as syllable
        from names
        where full_name_folded <> ''
    ),

    toned as (
        select
            syllable,
            {{ tones_of("syllable") }} as tone,
            {{ part_of_match("syllable", before_spoken_after(), 1) }} as before,
            {{ part_of_match("syllable", before_spoken_after(), 2) }} as spoken,
            {{ part_of_match("syllable", before_spoken_after(), 3) }} as after
        from syllables
    ),

    untoned as (
        select syllable, tone, before, after, {{ without_tones("spoken") }} as spoken
        from toned
    ),

    parsed as (
        select
            syllable,
            tone,
            before,
            after,
            {{ part_of_match("spoken", onset_vowels_coda(), 1) }} as onset,
            {{ part_of_match("spoken", onset_vowels_coda(), 2) }} as vowels,
            {{ part_of_match("spoken", onset_vowels_coda(), 3) }} as coda
        from untoned
    ),

    placed as (
        select
            syllable,
            tone,
            before,
            after,
            onset,
            vowels,
            coda,
            length(tone) = 1
            and
            {{ matches("onset || '|' || vowels || '|' || coda", vietnamese_parts()) }}
            and not {{ matches("syllable", "\\p{M}") }} as is_movable,
            {{ vowel_that_bears_the_tone("vowels", "coda") }} as bearer
        from parsed
    ),

    spelled as (
        select
            syllable,
            before || onset || left(vowels, bearer - 1) as head,
            {{ with_tone("substring(vowels, bearer, 1)", "tone") }} as toned_vowel,
            substring(vowels, bearer + 1) || coda || after as tail,
            before || onset || vowels || coda || after || tone as untoned_and_tone,
            is_movable
        from placed
    )

select
    syllable,
    case when is_movable then untoned_and_tone else syllable end as syllable_key,
    case
        when is_movable then head || toned_vowel || tail else syllable
    end as syllable_std,
    {{ without_diacritics("syllable") }} as syllable_bare
from spelled
