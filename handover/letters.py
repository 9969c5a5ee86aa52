"""Letters, meetings and regulations as records, parsed once from the correspondence's YAML.

Says who wrote what to whom; what follows from it on a given day is the business of ``obligations``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from handover.errors import CorrespondenceError
from handover.fields import Fields, YamlUnreadableError, parse_yaml
from handover.parts import Component, Deliverable

REFUSAL = "refusal"
"""The kind of a letter that answers a request by declining it."""


@dataclass(frozen=True)
class Label:
    """What a thing is called, in Vietnamese and in English."""

    vi: str
    en: str


@dataclass(frozen=True)
class Letter:
    """One letter, meeting or regulation. ``asks`` and ``promises`` name deliverables or undertakings."""

    number: str
    sent_on: date
    kind: str
    sender: tuple[str, ...]
    addressees: tuple[str, ...]
    asks: tuple[str, ...]
    promises: str | None
    promised_by: str | None
    components: tuple[Component, ...]
    due_on: date | None
    answered_by: str | None


@dataclass(frozen=True)
class Correspondence:
    """All letters in order, and the labels of what they speak of."""

    components: Mapping[Component, Label]
    deliverables: Mapping[Deliverable, Label]
    undertakings: Mapping[str, Label]
    parties: Mapping[str, str]
    letters: tuple[Letter, ...]
    as_of: date

    def label(self, what: str) -> Label:
        """The label of a deliverable or an undertaking."""
        named: dict[str, Label] = {**self.undertakings}
        named |= {str(each): label for each, label in self.deliverables.items()}
        return named[what]


def parse_correspondence(content: bytes) -> Correspondence:
    """Parse the bytes of a correspondence file; raises :class:`CorrespondenceError` with every fault."""
    faults: list[str] = []
    try:
        fields = Fields.of(parse_yaml(content), faults)
    except YamlUnreadableError as error:
        raise CorrespondenceError(f"The correspondence can't be read: {error}. Mend the file.") from error
    correspondence = _correspondence(fields)
    faults += _broken_references(correspondence)
    if faults:
        raise CorrespondenceError(f"The correspondence has {len(faults)} fault(s). Mend the file:", faults)
    return correspondence


def _correspondence(fields: Fields) -> Correspondence:
    components, deliverables = fields.child("components"), fields.child("deliverables")
    parties = fields.child("parties")
    return Correspondence(
        components={each: _label(components.child(each)) for each in Component},
        deliverables={each: _label(deliverables.child(each)) for each in Deliverable},
        undertakings={name: _label(each) for name, each in fields.named_children("undertakings")},
        parties={str(name): parties.text(str(name)) for name in parties.content},
        letters=tuple(sorted(map(_letter, fields.children("correspondence")), key=lambda each: each.sent_on)),
        as_of=fields.day("as_of"),
    )


def _label(fields: Fields) -> Label:
    return Label(fields.text("vi"), fields.text("en"))


def _letter(fields: Fields) -> Letter:
    promise = fields.child("promise") if fields.has("promise") else None
    named = fields.texts("components") if fields.has("components") else tuple(Component)
    components = tuple(each for each in Component if each in named)
    if len(components) != len(named):
        fields.note("components", f"should name some of {', '.join(Component)}, each once")
    return Letter(
        number=fields.text("no"),
        sent_on=fields.day("date"),
        kind=fields.text("kind"),
        sender=fields.texts("from"),
        addressees=fields.texts("to") if fields.has("to") else (),
        asks=fields.texts("asks") if fields.has("asks") else (),
        promises=promise.text("what") if promise else None,
        promised_by=promise.text("by") if promise else None,
        components=components,
        due_on=fields.day("due") if fields.has("due") else None,
        answered_by=fields.text_or_none("answered_by"),
    )


def _broken_references(correspondence: Correspondence) -> list[str]:
    """Names that no list of the file explains: a misspelt party, letter or thing asked for."""
    things = {*map(str, correspondence.deliverables), *correspondence.undertakings}
    numbers = [each.number for each in correspondence.letters]
    doubles = sorted({each for each in numbers if numbers.count(each) > 1})
    faults = [f"there are two letters {each}; give each a number of its own" for each in doubles]
    for letter in correspondence.letters:
        asked = {*letter.asks, *([letter.promises] if letter.promises else [])}
        faults += [f"letter {letter.number} speaks of {each}, which is in no list" for each in asked - things]
        named = {*letter.sender, *letter.addressees, *([letter.promised_by] if letter.promised_by else [])}
        faults += [
            f"letter {letter.number} names {each}, who is no party"
            for each in named - set(correspondence.parties)
        ]
        if letter.answered_by and letter.answered_by not in numbers:
            faults.append(f"letter {letter.number} is answered by {letter.answered_by}, which isn't there")
    return sorted(faults)
