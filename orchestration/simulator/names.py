"""The register's own rule for equal names, as functions in DuckDB. Only the comparison key belongs here.

Key = the name in NFC and lower case, its white space made single, the Icelandic letter ð read as đ, its tone marks
taken off, plus the tone of each syllable. Old and new placement of a tone mark therefore agree; two different tones,
or a letter and its bare form, never do.
"""

from __future__ import annotations

import unicodedata

import duckdb

_BARE = "aăâeêioôơuưy"
_TONES = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
"""Combining marks of the five written tones (huyền, hỏi, ngã, sắc, nặng) and the digit each becomes in the key."""
_OTHER_LETTERS = "bcdđfghjklmnpqrstvwxz"


def _toned() -> list[tuple[str, str, str]]:
    return [
        (unicodedata.normalize("NFC", vowel + mark), vowel, digit)
        for vowel in _BARE
        for mark, digit in _TONES.items()
    ]


_LETTERS = "".join(letter for letter, _, _ in _toned())
_VOWELS = "".join(vowel for _, vowel, _ in _toned())
_DIGITS = "".join(digit for _, _, digit in _toned())
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_SPACES = (
    "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\r\n"
)


_UNUSUAL = r"[^\p{L} ]|  |^ | $"
"""What makes a name need the thorough cleaning: anything but letters and single spaces between them."""

_NAME_KEYS = """
create macro name_keys(source) as table
with plain as (
    select name, string_split(normalised_name(name), ' ') as parts
    from query_table(source)
),
placed as (
    select name, unnest(parts) as syllable, generate_subscripts(parts, 1) as place
    from plain
),
keyed as (
    select syllable, syllable_key(syllable) as key
    from (select distinct syllable from placed)
)
select name, bit_xor(hash(xor(key, hash(place)))) as name_key
from placed join keyed using (syllable)
group by name
"""
# The hash of two values is linear in each, so that a sum of them would forget the order: mix them once more.


def define_name_keys(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the table function ``name_keys('table')`` in the database: ``name, name_key`` of a table's names.

    ``table`` has distinct names in its column ``name``; one without a syllable gets no key. The key has 64 bits:
    every syllable's toneless form, tone and place. Syllables are few, so the costly part is done for each once.
    """
    plain = f"translate(nfc_normalize(name), '{_SPACES}{_INVISIBLE}', '{' ' * len(_SPACES)}')"
    thorough = f"trim(regexp_replace({plain}, ' +', ' ', 'g'))"
    usual = f"case when regexp_matches(name, '{_UNUSUAL}') then {thorough} else name end"
    connection.execute(f"create macro normalised_name(name) as nullif(replace(lower({usual}), 'ð', 'đ'), '')")
    toneless = f"translate(syllable, '{_LETTERS}', '{_VOWELS}')"
    tones = f"translate(syllable, '{_LETTERS}{_BARE}{_OTHER_LETTERS}', '{_DIGITS}')"
    connection.execute(f"create macro syllable_key(syllable) as hash({toneless}, {tones})")
    connection.execute(_NAME_KEYS)
