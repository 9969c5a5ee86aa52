"""The rules as tables: each CSV beside this module is a list of cases that a reader can check by eye.

Belongs here: reading the tables and giving every case its subject in one shared warehouse. ``\\uXXXX`` in a cell
stands for a character that the eye cannot tell. ``rules`` lists every rule that must find something; no other may.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from tests.spec.warehouse import FAULTLESS, dose, subject

TABLES = Path(__file__).parent / "tables"
Row = dict[str, object]


@dataclass(frozen=True)
class Case:
    """One row of a table; ``id`` is the subject (or dose) that stands for it in the warehouse."""

    id: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    @property
    def rules(self) -> set[str]:
        """The rules that must find something."""
        return set(self["rules"].split())

    @property
    def label(self) -> str:
        """What pytest shows of the case."""
        return " | ".join(cell for cell in self.cells.values() if cell).encode("unicode_escape").decode()


def table(name: str, first_id: int) -> tuple[Case, ...]:
    """The cases of ``tables/<name>.csv``, numbered from ``first_id``."""
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Case(first_id + number, {column: _unescaped(cell) for column, cell in row.items()})
        for number, row in enumerate(rows)
    )


def _unescaped(cell: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})|\\t", lambda m: chr(int(m[1], 16)) if m[1] else "\t", cell)


NAMES_COMPARED = table("names_compared", 100_000)
NAMES_STANDARDISED = table("names_standardised", 110_000)
ID_NUMBERS = table("id_numbers", 120_000)
DATES_OF_BIRTH = table("dates_of_birth", 130_000)
SEXES = table("sexes", 140_000)
ID_EVIDENCE = table("id_evidence", 150_000)
DOSES = table("doses", 160_000)
OUTCOMES = table("outcomes", 170_000)
PLACES = table("places", 180_000)
DUPLICATES = table("duplicates", 190_000)
DOSE_SUBJECTS = 165_000
ABSORBED = table("absorbed", 200_000)
MOVED_DOSES = table("moved_doses", 205_000)
INCREMENT = {"_delivery": "vn-test-increment", "_increment_on": "2021-09-02"}


def subjects() -> list[Row]:
    """Every raw subject the tables ask for."""
    rows: list[Row] = []
    rows += [subject(case.id, full_name=case["a"]) for case in NAMES_COMPARED]
    rows += [subject(case.id + 5_000, full_name=case["b"]) for case in NAMES_COMPARED]
    rows += [subject(case.id, full_name=case["typed"]) for case in NAMES_STANDARDISED]
    rows += [subject(case.id + 5_000, full_name=case["standard"]) for case in NAMES_STANDARDISED]
    rows += [subject(case.id, id_number=case["typed"], full_name=f"Số {case.id}") for case in ID_NUMBERS]
    rows += [subject(case.id, date_of_birth=case["typed"], id_number="") for case in DATES_OF_BIRTH]
    rows += [subject(case.id, sex=case["typed"], id_number="") for case in SEXES]
    personal = ("id_number", "date_of_birth", "sex")
    rows += [subject(case.id, **{column: case[column] for column in personal}) for case in ID_EVIDENCE]
    rows += [subject(case.id, **{column: case[column] for column in personal}) for case in OUTCOMES]
    places = ("province_code", "province_name", "facility_code")
    rows += [subject(case.id, **{column: case[column] or None for column in places}) for case in PLACES]
    identity = (*personal, "full_name", "phone", "district_code")
    rows += [subject(case.id, **{column: case[column] or None for column in identity}) for case in DUPLICATES]
    rows += [subject(case.id, full_name=case["full_name"], **_undisputed(case, "")) for case in ABSORBED]
    rows += [
        subject(
            case.id, full_name=case["later_full_name"], **_undisputed(case, "later_"), **INCREMENT, _row=n
        )
        for n, case in enumerate(ABSORBED, start=1)
    ]
    rows += [subject(case.id + n) for case in MOVED_DOSES for n in (1_000, 2_000)]
    births = {case["subject"]: case["date_of_birth"] for case in DOSES if case["subject"] != "orphan"}
    rows += [
        subject(DOSE_SUBJECTS + int(number), date_of_birth=born, recorded_at=FAULTLESS["recorded_at"])
        for number, born in births.items()
    ]
    return rows


def _undisputed(case: Case, version: str) -> Row:
    """A date of birth with no number that could contradict it."""
    return {"date_of_birth": case[f"{version}date_of_birth"], "id_number": f"201201{case.id % 1000:03d}"}


def doses() -> list[Row]:
    """Every raw dose the tables ask for; the orphan's subject number belongs to nobody."""
    rows = [
        dose(
            case.id,
            DOSE_SUBJECTS + int(case["subject"].replace("orphan", "999")),
            dose_number=int(case["dose_number"]),
            vaccine_code=case["vaccine_code"] or None,
            injected_on=case["injected_on"] or None,
            facility_code=case["facility_code"],
            recorded_at=f"{case['recorded_on']}T20:00:00+07:00",
        )
        for case in DOSES
    ]
    rows += [dose(case.id, case.id + 1_000 * int(case["earlier_subject"])) for case in MOVED_DOSES]
    rows += [
        dose(case.id, case.id + 1_000 * int(case["later_subject"]), **INCREMENT, _row=n)
        for n, case in enumerate(MOVED_DOSES, start=1)
    ]
    return rows


def transfers() -> list[Row]:
    """Every row that the table of outcomes says was sent."""
    return [
        {"subject_id": case.id, "batch_id": "b1", "batch_state": case["batch_state"]}
        for case in OUTCOMES
        if case["batch_state"]
    ]


def answers() -> list[Row]:
    """Every answer of the table of outcomes, each about what the models ask."""
    return [_answer(case) for case in OUTCOMES if case["batch_state"] == "answered"]


def _answer(case: Case) -> Row:
    return {
        "subject_id": case.id,
        "batch_id": "b1",
        "is_acknowledged": case["row_acknowledged"] == "yes",
        "fitting_count": int(case["fitting_count"]) if case["fitting_count"] else None,
        "name_comparison": case["name"] or None,
        "date_of_birth_comparison": case["date_of_birth_is"] or None,
        "sex_comparison": case["sex_is"] or None,
        "superseding_token": case["token"] or None,
        "error_code": case["error"] or None,
        "answered_at": "2022-04-05T23:00:00+07:00",
    }
