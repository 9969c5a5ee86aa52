"""The adversarial corpora: names, numbers and dates of birth meant to fool the rules, with what is right and whence.

Belongs here: reading the tables ``corpus_*`` and giving every case its raw subject. What is right was written from
knowledge of Vietnamese names and papers; what the models answer has no say in it.
"""

from __future__ import annotations

from tests.spec.cases import Row, table
from tests.spec.warehouse import subject

NAMES_COMPARED = table("corpus_names_compared", 300_000)
NAMES_JUDGED = table("corpus_names_judged", 310_000)
ID_NUMBERS = table("corpus_id_numbers", 320_000)
DATES_OF_BIRTH = table("corpus_dates_of_birth", 330_000)


def subjects() -> list[Row]:
    """Every raw subject the corpora ask for; ids from 300,000 on."""
    rows = [subject(case.id, full_name=case["a"]) for case in NAMES_COMPARED]
    rows += [subject(case.id + 5_000, full_name=case["b"]) for case in NAMES_COMPARED]
    rows += [subject(case.id, full_name=case["typed"]) for case in NAMES_JUDGED]
    rows += [
        subject(
            case.id,
            id_number=case["typed"],
            date_of_birth=case["date_of_birth"],
            sex=case["sex"],
            full_name=f"Số {case.id}",
        )
        for case in ID_NUMBERS
    ]
    rows += [subject(case.id, date_of_birth=case["typed"], id_number="") for case in DATES_OF_BIRTH]
    return rows
