"""The language of a text: told from running text, with or without marks, and not guessed from a few words."""

import unicodedata

import pytest

from handover.inventory.prose import ENOUGH, Language, language_of

VIETNAMESE = """Nhập số CCCD, CMND hoặc hộ chiếu rồi bấm Tìm. Một người có thể có nhiều bản ghi; chọn bản ghi cần xem.
Màn hình chi tiết hiện các mũi tiêm theo thứ tự, gồm vắc xin, số lô, ngày tiêm và cơ sở tiêm."""
UNMARKED = """Nhap so CCCD, CMND hoac ho chieu roi bam Tim. Mot nguoi co the co nhieu ban ghi; chon ban ghi can xem.
Man hinh chi tiet hien cac mui tiem theo thu tu, gom vac xin, so lo, ngay tiem va co so tiem."""
ENGLISH = """Enter the number of the identity card or of the passport and press Find. A person can have several
records; choose the one that you want to see. The screen shows the doses with vaccine, lot, day and facility."""
FRENCH = """Saisissez le numéro de la carte d'identité ou du passeport, puis appuyez sur Chercher. Une personne peut
avoir plusieurs fiches ; choisissez celle que vous voulez consulter. L'écran montre les doses à côté du vaccin."""


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (VIETNAMESE, Language.VIETNAMESE),
        (VIETNAMESE.upper(), Language.VIETNAMESE),
        (unicodedata.normalize("NFD", VIETNAMESE), Language.VIETNAMESE),
        (UNMARKED, Language.VIETNAMESE),
        (ENGLISH, Language.ENGLISH),
        (ENGLISH + " Press Tìm kiếm.", Language.ENGLISH),
        (FRENCH, Language.OTHER),
    ],
)
def test_running_text_says_its_language(text: str, language: Language) -> None:
    assert language_of(text) is language


@pytest.mark.parametrize("text", ["", "# Thiết kế\n\nHệ thống", "12 34 56 " * 100, "word " * (ENOUGH - 1)])
def test_too_few_words_say_nothing(text: str) -> None:
    assert language_of(text) is None
