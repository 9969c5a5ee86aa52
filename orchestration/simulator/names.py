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


def define_name_key(connection: duckdb.DuckDBPyConnection) -> None:
    """Define the SQL functions ``normalised_name(name)`` and ``name_key(normalised)`` in the database.

    The first gives NFC, lower case and single spaces, NULL where nothing is left; the second the 64-bit digest
    of the toneless name and its tones, syllable by syllable.
    """
    plain = f"translate(nfc_normalize(name), '{_SPACES}{_INVISIBLE}', '{' ' * len(_SPACES)}')"
    lower = f"replace(lower({plain}), 'ð', 'đ')"
    connection.execute(
        f"create macro normalised_name(name) as nullif(trim(regexp_replace({lower}, ' +', ' ', 'g')), '')"
    )
    toneless = f"translate(name, '{_LETTERS}', '{_VOWELS}')"
    tones = f"translate(name, '{_LETTERS}{_BARE}{_OTHER_LETTERS}', '{_DIGITS}')"
    connection.execute(f"create macro name_key(name) as md5_number_lower({toneless} || '|' || {tones})")
