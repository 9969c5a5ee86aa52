"""The syllables of Vietnamese as its spelling has them: onsets, rimes and tones, and where a tone is written.

Belongs here: what the property tests know of the language. It shares nothing with the models.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

TONES = ("", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323")
STOPPED_TONES = ("", "\u0301", "\u0323")
"""Syllables that end in c, ch, p or t have two tones; without a mark they are the same typed without it."""

_RIMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et
ê êch êm ên ênh êp êt êu i ich im in inh ip it iu ia iêc iêm iên iêng iêp iêt iêu o oc oi om on ong op ot
oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oen oeo oet ooc oong
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u uc ui um un ung up ut ua uân uâng uât uây uê uêch uênh uơ
uôc uôi uôm uôn uông uôt uy uynh uyt uyu uya uyên uyêt uyp ư ưc ưi ưm ưng ưt ưu ưa
ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu
"""
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_FRONT = tuple("eêiy")
_AFTER_QU = tuple("aăâeêơiy")


def _fits(onset: str, rime: str) -> bool:
    if onset in ("k", "gh", "ngh"):
        return rime.startswith(_FRONT)
    if onset in ("c", "g", "ng"):
        return not rime.startswith(_FRONT)
    if onset == "qu":
        return rime.startswith(_AFTER_QU) and rime not in ("ia", "iu")
    if onset == "gi":
        return not rime.startswith(("i", "y"))
    if rime.startswith("yê"):
        return onset == ""
    return True


def _main_vowel(rime: str) -> int:
    """Where the tone of a rime is written in the old placement: hòa, thúy, but hoàn, khuỷu."""
    vowels = [n for n, letter in enumerate(rime) if letter in "aăâeêioôơuưy"]
    marked = [n for n in vowels if rime[n] in "ăâêôơư"]
    if marked:
        return marked[-1]
    is_open_pair = len(vowels) == 2 and len(rime) == 2
    return vowels[0] if len(vowels) == 1 or is_open_pair else vowels[1]


def toned(onset: str, rime: str, tone: str, at: int | None = None) -> str:
    """A syllable with its tone on the main vowel, or on the letter of the rime that ``at`` names."""
    place = (_main_vowel(rime) if at is None else at) + 1
    return unicodedata.normalize("NFC", onset + rime[:place] + tone + rime[place:])


def _pairs() -> Iterator[tuple[str, str]]:
    for onset in ("", *_ONSETS.split()):
        yield from ((onset, rime) for rime in _RIMES.split() if _fits(onset, rime))
    yield from (("g", rime) for rime in ("i", "in", "im", "iêc", "iêng"))


PAIRS = tuple(_pairs())
"""Every onset with every rime that may follow it."""

BARE = frozenset(onset + rime for onset, rime in PAIRS)
"""Every syllable without its tone."""


def syllabary() -> dict[str, tuple[str, str, str]]:
    """Every syllable, as onset, rime and tone."""
    return {
        toned(onset, rime, tone): (onset, rime, tone)
        for onset, rime in PAIRS
        for tone in (STOPPED_TONES if rime.endswith(("c", "ch", "p", "t")) else TONES)
    }


_SYLLABARY = syllabary()


def syllabary_of(word: str) -> tuple[str, str, str] | None:
    """Onset, rime and tone of a word in small letters that is one syllable; None for any other."""
    return _SYLLABARY.get(word)
