{{ follows(grows_by="full_name", narrowed={"int_names__cleaned": "later names"}) }}

with
    names as (select * from {{ ref("int_names__cleaned") }}),

    spellings as (
        select encoding, {{ map_of("written", "letter") }} as letters
        from {{ ref("legacy_spellings") }}
        group by encoding
    ),

    surnames as (select * from {{ ref("surnames") }}),

    {#- One search leaves few names over; only these are looked at more closely. #}
    odd as (select full_name from names where {{ looks_legacy("full_name") }}),

    suspicious as (
        select full_name, {{ possible_encodings("full_name") }} as encodings from odd
    ),

    decoded as (
        {%- for encoding in legacy_encodings() %}
            select
                suspicious.full_name,
                spellings.encoding,
                {{
                    decoded_text(
                        "suspicious.full_name", encoding, "spellings.letters"
                    )
                }} as written_again
            from suspicious
            inner join
                spellings
                on spellings.encoding = '{{ encoding }}'
                and {{ matches("suspicious.encodings", encoding) }}
            {% if not loop.last %}
                union all
            {% endif %}
        {%- endfor %}
    ),

    {#- Some texts passed twice through a system that took their bytes for others'. #}
    unfolded as (
        select
            decoded.full_name,
            decoded.encoding,
            case
                when
                    decoded.encoding = 'utf8'
                    and {{ matches("decoded.written_again", misread_bytes()) }}
                then
                    coalesce(
                        {{
                            text_of_misread_bytes(
                                "decoded.written_again", "spellings.letters"
                            )
                        }},
                        decoded.written_again
                    )
                else decoded.written_again
            end as written_again
        from decoded
        inner join spellings on decoded.encoding = spellings.encoding
    ),

    composed as (
        select
            full_name,
            encoding,
            {{ nfc(visible_text("written_again")) }} as full_name_repair
        from unfolded
        where written_again <> full_name
    ),

    {#- Fonts have no mark of their own: their text is one only where it makes Vietnamese words and did not before. #}
    believable as (
        select
            composed.full_name,
            composed.full_name_repair,
            surnames.surname is not null as has_surname
        from composed
        left join
            surnames
            on {{ part_of_match("lower(composed.full_name_repair)", "^[^ ]+", 0) }}
            = surnames.surname
        left join
            surnames as typed_surnames
            on {{ part_of_match("lower(composed.full_name)", "^[^ ]+", 0) }}
            = typed_surnames.surname
        where
            case
                when composed.encoding in ('vni', 'tcvn3')
                then
                    {{ is_vietnamese("composed.full_name_repair") }}
                    and (
                        not {{ is_vietnamese(nfc(visible_text("composed.full_name"))) }}
                        {#- Three words too: Thị tells on Hoà Thò Bình. Hoàng Thò Páo has a surname and is right. #}
                        or typed_surnames.surname is null
                        and surnames.surname is not null
                        and
                        {{ matches("lower(composed.full_name_repair)", "^[^ ]+ thị ") }}
                    )
                    {#- Khmer names such as Neáng happen to make words too. #}
                    and (
                        surnames.surname is not null
                        or
                        {{ matches("composed.full_name", "[" ~ foreign_signs() ~ "]") }}
                    )
                else
                    {{
                        matches_whole(
                            "composed.full_name_repair",
                            "[\\p{Latin}\\p{M} ''.-]+",
                        )
                    }}
            end
    )

{#- Two fonts may both make words; a surname in front tells which one was meant. #}
select
    full_name,
    case
        when count(distinct full_name_repair) = 1
        then min(full_name_repair)
        when count(distinct full_name_repair) filter (where has_surname) = 1
        then min(full_name_repair) filter (where has_surname)
    end as full_name_repair
from believable
group by full_name
