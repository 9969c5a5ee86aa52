"""Which letter or meeting brought a package, and which asked for what it holds.

The vendor's declaration names the first; the second follows from the correspondence. What neither says is left open:
the letter that figures are set beside is no part of this.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handover.days import snapshot_day
from handover.declaration import DeclaredComponent, DeclaredLetter
from handover.letters import Correspondence, Letter
from handover.parts import Deliverable
from handover.sealed import SealedDelivery


@dataclass(frozen=True)
class Transmittal:
    """``brought_by`` is None where the vendor named no letter; ``unknown`` are numbers that he says it answers and that
    stand in no correspondence of ours.
    """

    brought_by: DeclaredLetter | None
    asked_by: tuple[Letter, ...]
    unknown: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values; days as text."""
        letter = self.brought_by
        return {
            "brought_by": {
                "number": letter.number,
                "sent_on": letter.sent_on.isoformat(),
                "answers": list(letter.answers),
            }
            if letter
            else None,
            "asked_by": [
                _letter_json(each) | {"is_answered": letter is not None and each.number in letter.answers}
                for each in self.asked_by
            ],
            "unknown": list(self.unknown),
        }


def transmittal_of(package: SealedDelivery, correspondence: Correspondence) -> Transmittal:
    """What brought a package, and the letters up to its snapshot's day that asked for something it holds."""
    held = set(_held(package))
    day = snapshot_day(package)
    asked_by = tuple(
        letter
        for letter in correspondence.letters
        if letter.sent_on <= day
        and any((str(component), what) in held for component in letter.components for what in letter.asks)
    )
    letter = package.declaration.letter
    known = {each.number for each in correspondence.letters}
    answers = letter.answers if letter else ()
    return Transmittal(letter, asked_by, tuple(each for each in answers if each not in known))


def letters_json(correspondence: Correspondence) -> list[dict[str, Any]]:
    """Every letter as plain values, the oldest first, with labels for what it asks for or promises."""
    return [
        _letter_json(each)
        | {"labels": [vars(correspondence.label(what)) for what in (*each.asks, *_promised(each))]}
        for each in correspondence.letters
    ]


def _promised(letter: Letter) -> tuple[str, ...]:
    return (letter.promises,) if letter.promises else ()


def _letter_json(letter: Letter) -> dict[str, Any]:
    return {
        "number": letter.number,
        "sent_on": letter.sent_on.isoformat(),
        "kind": letter.kind,
        "sender": ", ".join(letter.sender),
        "asks": list(letter.asks),
    }


def _held(package: SealedDelivery) -> Iterator[tuple[str, str]]:
    """The cells for which the package declares anything."""
    for component, declared in package.declaration.components.items():
        for deliverable in Deliverable:
            if _has(declared, deliverable):
                yield str(component), str(deliverable)


def _has(declared: DeclaredComponent, deliverable: Deliverable) -> bool:
    return bool(getattr(declared, str(deliverable)))
