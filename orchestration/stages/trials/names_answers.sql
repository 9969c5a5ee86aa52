-- Per pair: equal or not, by which rules, and its class. In: given, cleansing.int_names.
with judged as (
    select
        names.*,
        cleaned.full_name_plain,
        cleaned.full_name_folded,
        -- One bare word may be a word of its own: Mai Lan isn't Mai Lân written without marks.
        len(list_filter(
            list_zip(string_split(lower(names.full_name_std), ' '), string_split(names.name_bare, ' ')),
            lambda words: words[1] <> words[2]
        )) as marked_words
    from cleansing.int_names as names
    join cleansing.int_names__cleaned as cleaned on names.full_name is not distinct from cleaned.full_name
),
-- The rules that make two spellings one name.
comparing as (select ['SUB-NAME-02', 'SUB-NAME-03', 'SUB-NAME-04', 'SUB-NAME-05'] as rules),
sides as (
    select
        given.n,
        coalesce(a.name_key = b.name_key, false) as equal,
        given.a is not distinct from given.b as is_identical,
        a.name_key is null or b.name_key is null as is_missing,
        a.name_bare = b.name_bare
        and (
            a.name_bare = lower(a.full_name_std) and (a.is_name_without_diacritics or b.marked_words > 1)
            or b.name_bare = lower(b.full_name_std) and (b.is_name_without_diacritics or a.marked_words > 1)
        ) as is_bare,
        list_filter(comparing.rules, lambda rule: contains(a.rule_ids, rule) <> contains(b.rule_ids, rule))
            as rules_of_one,
        list_filter(comparing.rules, lambda rule: contains(a.rule_ids, rule) and contains(b.rule_ids, rule))
            as rules_of_both,
        a.full_name_plain <> b.full_name_plain
        and (
            a.full_name_folded = b.full_name_folded
            or (a.full_name_plain = upper(a.full_name_plain)) <> (b.full_name_plain = upper(b.full_name_plain))
        ) as is_case
    from given
    cross join comparing
    join judged as a on a.full_name is not distinct from given.a
    join judged as b on b.full_name is not distinct from given.b
)
select
    n as row,
    equal,
    case
        when not equal then null
        when is_identical then 'identical'
        else concat_ws(
            ' ',
            nullif(array_to_string(
                if(rules_of_one = [] and not is_case, rules_of_both, rules_of_one), ' '
            ), ''),
            if(is_case, 'case', null)
        )
    end as equal_by,
    case
        when equal then 'equal'
        when is_missing then 'missing'
        when is_bare then 'name_without_diacritics'
        else 'different'
    end as class
from sides
order by n
