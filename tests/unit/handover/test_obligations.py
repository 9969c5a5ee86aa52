"""What is owed follows from the letters and the day, and from nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from handover.errors import CorrespondenceError
from handover.letters import parse_correspondence
from handover.obligations import ObligationStatus, load_correspondence, obligations

APRIL_8 = date(2022, 4, 8)

LETTERS = """\
components:
  portal: {vi: a, en: a}
  support: {vi: a, en: a}
  command: {vi: a, en: a}
  health_book: {vi: a, en: a}
deliverables:
  source: {vi: a, en: a}
  installers: {vi: a, en: a}
  database: {vi: a, en: a}
  documents: {vi: a, en: a}
undertakings: {plan: {vi: a, en: a}}
parties: {BYT: a, VIETTEL: b}
correspondence:
  - {date: 2022-01-10, "no": "1", from: BYT, to: [VIETTEL], kind: request, asks: [source],
     due: 2022-01-20, answered_by: "2"}
  - {date: 2022-02-01, "no": "2", from: VIETTEL, to: [BYT], kind: refusal}
as_of: 2022-04-08
"""


@pytest.mark.parametrize(
    ("letter", "what", "status", "days"),
    [
        ("1778/BYT-BCA-BTTTT", "access_management_tool", "not_received", None),
        ("810/BYT-CNTT", "source", "answered", None),
        ("141/CNTT-DLYT", "source", "unanswered", None),
        ("141/CNTT-DLYT", "installers", "unanswered", None),
        ("141/CNTT-DLYT", "database", "unanswered", None),
        ("141/CNTT-DLYT", "documents", "unanswered", None),
        ("167/CNTT-DLYT", "monthly_sharing_report", "unanswered", None),
        ("meeting", "handover_plan", "overdue", 8),
    ],
)
def test_on_8_april_2022_the_letters_leave_this_open(
    letter: str, what: str, status: str, days: int | None
) -> None:
    found = {(each.letter, each.what): each for each in obligations(load_correspondence(), APRIL_8)}

    assert (found[letter, what].status, found[letter, what].days_overdue) == (status, days)


@pytest.mark.parametrize(
    ("as_of", "status", "days"),
    [
        (date(2022, 3, 30), ObligationStatus.UNANSWERED, None),
        (date(2022, 3, 31), ObligationStatus.UNANSWERED, None),
        (date(2022, 4, 1), ObligationStatus.OVERDUE, 1),
        (date(2022, 4, 8), ObligationStatus.OVERDUE, 8),
    ],
)
def test_a_thing_is_late_from_the_day_after_it_was_due(
    as_of: date, status: ObligationStatus, days: int | None
) -> None:
    plan = next(each for each in obligations(load_correspondence(), as_of) if each.what == "handover_plan")

    assert (plan.status, plan.days_overdue) == (status, days)


def test_a_day_knows_nothing_of_later_letters() -> None:
    before = obligations(load_correspondence(), date(2022, 2, 24))

    assert {each.letter for each in before} == {"1778/BYT-BCA-BTTTT", "810/BYT-CNTT"}
    assert {each.status for each in before if each.letter == "810/BYT-CNTT"} == {ObligationStatus.UNANSWERED}


@pytest.mark.parametrize(
    ("as_of", "status"),
    [
        (date(2022, 1, 15), ObligationStatus.UNANSWERED),
        (date(2022, 1, 25), ObligationStatus.OVERDUE),
        (date(2022, 2, 1), ObligationStatus.REFUSED),
    ],
)
def test_a_refusal_is_no_answer_that_settles(as_of: date, status: ObligationStatus) -> None:
    (asked,) = obligations(parse_correspondence(LETTERS.encode()), as_of)

    assert asked.status is status
    assert asked.status.is_outstanding


def test_a_promise_is_owed_by_who_gave_it() -> None:
    tool = obligations(load_correspondence(), APRIL_8)[0].as_json()

    assert (tool["by"], tool["since"], tool["due"]) == ("BTTTT", "2021-11-08", None)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("asks: [source]", "asks: [sauce]", "letter 1 speaks of sauce"),
        ('answered_by: "2"', 'answered_by: "9"', "letter 1 is answered by 9"),
        ('"no": "2"', '"no": "1"', "there are two letters 1"),
        ("from: VIETTEL", "from: VIETEL", "letter 2 names VIETEL"),
        ('"no": "1"', "no: 1", "no is missing"),
        ("date: 2022-01-10", "date: soon", "date should be a date"),
        ("kind: refusal", "kind: refusal, components: [portal, postal]", "components should name some of"),
        ("  portal: {vi: a, en: a}", "  portal: {vi: a}", "components.portal.en is missing"),
        ("as_of:", "as_off:", "as_of should be a date"),
        ("parties:", "parties: [", "can't be read"),
    ],
)
def test_a_faulty_correspondence_is_refused_with_the_place(before: str, after: str, said: str) -> None:
    assert before in LETTERS
    with pytest.raises(CorrespondenceError, match="Mend the file") as refusal:
        parse_correspondence(LETTERS.replace(before, after).encode())
    assert said in str(refusal.value)
