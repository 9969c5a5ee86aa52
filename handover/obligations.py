"""Letters and meetings as data, and what follows from them: who owes what, since when, how late.

Reads ``correspondence/handover_2022.yml`` and says what is open as of a date. What was delivered isn't known
here; ``completeness`` joins both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import resources
from typing import Any

from handover.letters import REFUSAL, Correspondence, Label, Letter, parse_correspondence
from handover.parts import Component

CORRESPONDENCE = "handover_2022.yml"


class ObligationStatus(StrEnum):
    """How an obligation stands on a day. All but ``answered`` and ``satisfied`` are outstanding."""

    UNANSWERED = "unanswered"
    NOT_RECEIVED = "not_received"
    OVERDUE = "overdue"
    REFUSED = "refused"
    ANSWERED = "answered"
    SATISFIED = "satisfied"

    @property
    def is_outstanding(self) -> bool:
        """Whether somebody still owes something."""
        return self not in (ObligationStatus.ANSWERED, ObligationStatus.SATISFIED)


STATUS_NOTES = {
    ObligationStatus.UNANSWERED: ("chưa được phúc đáp", "not answered"),
    ObligationStatus.NOT_RECEIVED: ("đã cam kết, chưa nhận được", "promised, not received"),
    ObligationStatus.OVERDUE: ("quá hạn", "overdue"),
    ObligationStatus.REFUSED: ("bị từ chối", "refused"),
    ObligationStatus.ANSWERED: (
        "đã phúc đáp, chưa bàn giao",
        "answered by letter, nothing handed over by it",
    ),
    ObligationStatus.SATISFIED: ("đã nhận", "received"),
}
"""Each status for people: Vietnamese, English."""


@dataclass(frozen=True)
class Obligation:
    """What one letter asks or promises of one thing, as it stands on a day.

    ``days_overdue`` counts from the day after the due date; None where nothing is due or it isn't late.
    """

    what: str
    label: Label
    letter: str
    since: date
    asked_by: tuple[str, ...]
    owed_by: tuple[str, ...]
    components: tuple[Component, ...]
    due_on: date | None
    answered_by: str | None
    status: ObligationStatus
    days_overdue: int | None
    satisfied_by: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The obligation for machines; dates as text, notes in both languages."""
        note_vi, note_en = STATUS_NOTES[self.status]
        return {
            "id": f"{self.letter}:{self.what}",
            "what": self.what,
            "vi": self.label.vi,
            "en": self.label.en,
            "letter": self.letter,
            "since": self.since.isoformat(),
            "asked_by": ", ".join(self.asked_by),
            "by": ", ".join(self.owed_by),
            "components": [str(each) for each in self.components],
            "due": self.due_on.isoformat() if self.due_on else None,
            "answered_by": self.answered_by,
            "satisfied_by": self.satisfied_by,
            "status": str(self.status),
            "days_overdue": self.days_overdue,
            "note_vi": note_vi,
            "note": note_en,
        }


def obligations(correspondence: Correspondence, as_of: date) -> tuple[Obligation, ...]:
    """Every obligation that existed on ``as_of``, oldest first; later letters and answers are unknown to it."""
    known = {each.number: each for each in correspondence.letters if each.sent_on <= as_of}
    return tuple(
        _obligation(letter, correspondence.label(what), what, known.get(letter.answered_by or ""), as_of)
        for letter in known.values()
        for what in (*letter.asks, *([letter.promises] if letter.promises else []))
    )


def _obligation(letter: Letter, label: Label, what: str, answer: Letter | None, as_of: date) -> Obligation:
    is_promise = what == letter.promises
    status, overdue = _standing(letter, answer, as_of, is_promise=is_promise)
    promiser = (letter.promised_by,) if is_promise and letter.promised_by else ()
    return Obligation(
        what=what,
        label=label,
        letter=letter.number,
        since=letter.sent_on,
        asked_by=letter.sender,
        owed_by=promiser or letter.addressees,
        components=letter.components,
        due_on=letter.due_on,
        answered_by=answer.number if answer else None,
        status=status,
        days_overdue=overdue,
    )


def _standing(
    letter: Letter, answer: Letter | None, as_of: date, *, is_promise: bool
) -> tuple[ObligationStatus, int | None]:
    if answer:
        return ObligationStatus.REFUSED if answer.kind == REFUSAL else ObligationStatus.ANSWERED, None
    if letter.due_on and as_of > letter.due_on:
        return ObligationStatus.OVERDUE, (as_of - letter.due_on).days
    return ObligationStatus.NOT_RECEIVED if is_promise else ObligationStatus.UNANSWERED, None


def load_correspondence() -> Correspondence:
    """The correspondence that comes with the project; raises :class:`CorrespondenceError`."""
    file = resources.files("handover.correspondence").joinpath(CORRESPONDENCE)
    return parse_correspondence(file.read_bytes())
