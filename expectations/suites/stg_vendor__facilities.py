"""Staged facilities: nothing lost by renaming, and what every later step relies on is there. No cleansing rules."""

from expectations.conservation import ARRIVED, KEPT, same_rows
from expectations.forms import Claim, counts_zero, filled

RELATION = "staging.stg_vendor__facilities"

RULES = (
    counts_zero(
        "STG-COUNT-03",
        same_rows("raw.facilities", RELATION),
        Claim(
            en="Staging has the facility rows of raw, each once.",
            vi="Lớp chuẩn bị có đúng các dòng cơ sở tiêm chủng của lớp thô, mỗi dòng một lần.",
            origin="Staging renames and casts; it neither drops nor doubles a row.",
        ),
        measures=(ARRIVED, KEPT),
    ),
    filled(
        "STG-KEY-04",
        "facility_code",
        Claim(
            en="Every facility has its code.",
            vi="Mọi cơ sở tiêm chủng đều có mã.",
            origin="Subjects and doses name their facility by it.",
        ),
    ),
)
