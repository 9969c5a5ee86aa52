"""Staged vaccines: nothing lost by renaming, and what every later step relies on is there. No cleansing rules."""

from expectations.conservation import ARRIVED, KEPT, same_rows
from expectations.forms import Claim, counts_zero, filled

RELATION = "staging.stg_vendor__vaccines"

RULES = (
    counts_zero(
        "STG-COUNT-04",
        same_rows("raw.vaccines", RELATION),
        Claim(
            en="Staging has the vaccine rows of raw, each once.",
            vi="Lớp chuẩn bị có đúng các dòng vắc xin của lớp thô, mỗi dòng một lần.",
            origin="Staging renames and casts; it neither drops nor doubles a row.",
        ),
        measures=(ARRIVED, KEPT),
    ),
    filled(
        "STG-KEY-05",
        "vaccine_code",
        Claim(
            en="Every vaccine has its code.",
            vi="Mọi vắc xin đều có mã.",
            origin="Doses name their vaccine by it.",
        ),
    ),
)
