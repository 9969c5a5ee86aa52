"""Names, numbers and dates of birth made up by the thousand, as people, programs and spreadsheets would write them.

Belongs here: making values for the property tests, all from the random source that is given. What is right of them is
said in the tests.
"""

from __future__ import annotations

import random
import re
import unicodedata
from datetime import date, timedelta

from tests.spec import syllables

INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e"
SPACES = "\u00a0\u3000\u2003\u202f\t"
LOOK_ALIKES = {"Đ": "\u00d0\u0189", "đ": "\u00f0\u0256", "'": "\u2019\u2018\u02bc\u00b4`"}
OTHER_WORDS = (
    "H'Hen",
    "Niê",
    "K'Brêu",
    "Ksor",
    "Kpă",
    "Klơng",
    "Ênuôl",
    "Néang",
    "Rươl",
    "Y",
    "Müller",
    "José",
    "O'Brien",
)
SURNAMES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Đặng", "Đỗ", "Bùi", "Huỳnh", "Vũ")


def names(chosen: random.Random) -> list[str]:
    """Names of true syllables and words of minorities and foreigners, each with what people and programs make of it."""
    words = [*map(str.capitalize, syllables.syllabary()), *OTHER_WORDS]
    bases = [
        " ".join([chosen.choice(SURNAMES), *chosen.choices(words, k=chosen.randint(1, 3))])
        for _ in range(400)
    ]
    return [name for base in bases for name in (base, *(_varied(base, chosen) for _ in range(9)))]


def _varied(name: str, chosen: random.Random) -> str:
    changes = (_cased, _decomposed, _spaced, _look_alike, _moved, _other_mark, _bare, _shorter)
    for change in chosen.choices(changes, weights=(3, 3, 3, 3, 5, 4, 1, 1), k=chosen.randint(1, 3)):
        name = change(name, chosen)
    return name


def _cased(name: str, chosen: random.Random) -> str:
    return chosen.choice((name.upper(), name.lower(), name.swapcase()))


def _decomposed(name: str, chosen: random.Random) -> str:
    """Decomposed, the marks of a letter in either order where Unicode holds both for the same."""
    clusters = re.findall(r"\W|\w[\u0300-\u036f]*", unicodedata.normalize("NFD", name))
    turned = [cluster[0] + cluster[:0:-1] for cluster in clusters]
    same = unicodedata.normalize
    return "".join(
        b if chosen.random() < 0.5 and same("NFC", a) == same("NFC", b) else a
        for a, b in zip(clusters, turned, strict=True)
    )


def _spaced(name: str, chosen: random.Random) -> str:
    at = chosen.randrange(len(name) + 1)
    name = name[:at] + chosen.choice(INVISIBLE) + name[at:]
    return chosen.choice(("", " ", "\u00a0")) + name.replace(" ", chosen.choice(SPACES) + " ", 1)


def _look_alike(name: str, chosen: random.Random) -> str:
    return "".join(chosen.choice(LOOK_ALIKES.get(letter, letter)) for letter in name)


def _moved(name: str, chosen: random.Random) -> str:
    """The tone of every syllable on any vowel of its rime."""
    return " ".join(_word_moved(word, chosen) for word in name.split(" "))


def _word_moved(word: str, chosen: random.Random) -> str:
    parts = syllables.syllabary_of(unicodedata.normalize("NFC", word.lower()))
    if parts is None:
        return word
    onset, rime, tone = parts
    vowels = [n for n, letter in enumerate(rime) if letter in "aăâeêioôơuưy"]
    return syllables.toned(onset, rime, tone, chosen.choice(vowels)).capitalize()


def _other_mark(name: str, chosen: random.Random) -> str:
    """One letter with another tone or quality: another person."""
    letters = list(unicodedata.normalize("NFC", name))
    at = chosen.choice([n for n, letter in enumerate(letters) if letter.lower() in "aeiouyăâêôơưd"] or [0])
    kin = {"a": "ăâàáạ", "ă": "aâắằ", "â": "aăấầ", "e": "êéẹ", "ê": "eếề", "i": "íìị", "o": "ôơóọ"}
    kin |= {"ô": "oơốộ", "ơ": "oôờợ", "u": "ưúũ", "ư": "uứự", "y": "ýỳỵ", "d": "đ"}
    letters[at] = chosen.choice(kin.get(letters[at].lower(), letters[at]))
    return "".join(letters)


def _bare(name: str, chosen: random.Random) -> str:
    kept = "".join(
        letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter)
    )
    return kept.replace("Đ", "D").replace("đ", "d")


def _shorter(name: str, chosen: random.Random) -> str:
    return name.rsplit(" ", 1)[0]


def numbers(chosen: random.Random) -> list[str]:
    def digits(count: int) -> str:
        return "".join(chosen.choices("0123456789", k=count))

    full = [f"0{digits(11)}" for _ in range(300)] + [digits(12) for _ in range(200)]
    short = [digits(9) for _ in range(200)]
    dropped = [number.lstrip("0") for number in full] + [digits(chosen.choice((10, 11))) for _ in range(300)]
    dressed = [_dressed(number, chosen) for number in (*full, *short, *dropped)]
    return [*full, *short, *dropped, *dressed, *(digits(chosen.randint(1, 20)) for _ in range(100))]


def _dressed(number: str, chosen: random.Random) -> str:
    ways = (
        chosen.choice(". -\u00a0").join(re.findall("..?.?", number)),
        number.replace("0", chosen.choice("Oo"), 1),
        number.replace("1", chosen.choice("lI"), 1),
        f" {number}\u3000",
        f"'{number}",
        f"{number}A",
    )
    return chosen.choice(ways)


def dates(chosen: random.Random) -> list[str]:
    days = [date(1900, 1, 1) + timedelta(chosen.randrange(44_000)) for _ in range(250)]
    forms = (
        "%d/%m/%Y", "%Y-%m-%d", "%m/%d/%Y", "%d%m%Y", "%Y%m%d", "%d/%m/%y", "%m/%Y", "%Y", "00/%m/%Y",
        "%d %m %Y", "%d tháng %m năm %Y", "%Y-%m-%d 00:00:00", "%Y-%m-%dT00:00:00.000", "%Y-%m-%dT17:00:00.000Z",
        "31/%m/%Y", "%m/31/%Y",
    )  # fmt: skip
    written = [day.strftime(form) for day in days for form in forms]
    return [*written, *(str((day - date(1899, 12, 30)).days) for day in days)]
