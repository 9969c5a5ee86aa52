"""In which language a text is written, by the letters and the small words that only that language has.

Tells Vietnamese, with or without its marks, from English and from anything else; what follows is judged by others.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

SAMPLE = 20_000
"""Characters of a text that are looked at."""

ENOUGH = 20
"""Words below which nothing is said."""

MARKED_SHARE = 0.1
"""Share of words with a Vietnamese letter from which a text is Vietnamese; running text has about one in two."""

SMALL_SHARE = 0.05
"""Share of small words from which an unmarked text is of their language; running text has about one in five."""

_WORD = re.compile(r"[^\W\d_]+")
_VIETNAMESE = frozenset("ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉĩịọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹ")
"""Letters that French, Portuguese and the like don't have, in lower case."""

_UNMARKED = {
    "va", "cua", "cac", "cho", "khong", "duoc", "trong", "voi", "nguoi", "khi", "nhung", "den", "theo", "hoac",
    "phai", "tren", "nay", "mot", "tai", "lieu", "neu", "nhap", "chon",
}  # fmt: skip
_ENGLISH = {
    "the", "of", "and", "to", "is", "for", "with", "that", "this", "are", "be", "by", "from", "or", "not", "can",
    "will", "must", "you", "should", "it", "as", "an", "on",
}  # fmt: skip


class Language(StrEnum):
    """What a document is written in."""

    VIETNAMESE = "vi"
    ENGLISH = "en"
    OTHER = "other"


def language_of(text: str) -> Language | None:
    """The language that most of the text's beginning is written in; None where there are too few words to tell."""
    words = _WORD.findall(unicodedata.normalize("NFC", text[:SAMPLE]).lower())
    if len(words) < ENOUGH:
        return None
    if sum(not _VIETNAMESE.isdisjoint(word) for word in words) >= MARKED_SHARE * len(words):
        return Language.VIETNAMESE
    unmarked, english = (sum(word in small for word in words) for small in (_UNMARKED, _ENGLISH))
    if max(unmarked, english) < SMALL_SHARE * len(words):
        return Language.OTHER
    return Language.VIETNAMESE if unmarked > english else Language.ENGLISH
