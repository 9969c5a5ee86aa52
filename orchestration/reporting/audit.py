"""Whether a letter's figures add up, and which misprint alone explains it where they do not.

Belongs here: the identities of a letter and the corrections that would mend them. Parsing does not
(:mod:`orchestration.reporting.letters`), nor does comparing the letter with our own figures (the report).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from orchestration.reporting.letters import MEASURES, Letter


class Kind(StrEnum):
    """What would explain a difference."""

    TRANSPOSED_DIGITS = "transposed_digits"
    SINGLE_DIGIT = "single_digit"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Correction:
    """One figure, read as another number by one slip of the pen, makes its group add up."""

    suspect: str
    suggested: int
    kind: Kind


@dataclass(frozen=True)
class Finding:
    """A group whose parts do not add up to its stated total, for one measure; all numbers are counts."""

    parent: str
    measure: str
    stated_total: int
    sum_of_parts: int
    correction: Correction | None

    @property
    def difference(self) -> int:
        """How much the parts exceed the stated total; negative where they fall short of it."""
        return self.sum_of_parts - self.stated_total

    def as_json(self) -> dict[str, str | int | None]:
        """The finding with the keys of ``tiemchung letter audit --json``."""
        correction = self.correction
        return {
            "group": self.parent,
            "measure": self.measure,
            "parent": self.parent,
            "stated_total": self.stated_total,
            "sum_of_parts": self.sum_of_parts,
            "difference": self.difference,
            "suspect": correction.suspect if correction else None,
            "suggested": correction.suggested if correction else None,
            "kind": (correction.kind if correction else Kind.UNEXPLAINED).value,
        }


@dataclass(frozen=True)
class _Group:
    """One identity: a total and all its parts, each stated for the measure."""

    measure: str
    parent: str
    total: int
    parts: dict[str, int]

    @property
    def excess(self) -> int:
        return sum(self.parts.values()) - self.total

    def required(self, key: str) -> int:
        """The value of one member, all others as printed, with which the group adds up (may be negative)."""
        return self.total + self.excess if key == self.parent else self.parts[key] - self.excess

    def printed(self, key: str) -> int:
        return self.total if key == self.parent else self.parts[key]

    @property
    def members(self) -> tuple[str, ...]:
        return (self.parent, *self.parts)


def audit(letter: Letter) -> tuple[Finding, ...]:
    """Every group of the letter that does not add up, in the letter's order, subjects before doses.

    A group is checked for a measure only where the parent and all its parts state it. A correction is named
    only where it is the only slip (two digits exchanged, or one digit changed, in one member of the group)
    that makes the group add up and leaves every other group that adds up as it is.
    """
    found = []
    for measure in MEASURES:
        groups = tuple(_groups(letter, measure))
        broken = [group for group in groups if group.excess]
        possible = {group.parent: _only_correction(group, groups) for group in broken}
        corrections = _without_contradictions(possible)
        found += [
            Finding(group.parent, measure, group.total, group.total + group.excess, corrections[group.parent])
            for group in broken
        ]
    order = list(letter.figures)
    return tuple(sorted(found, key=lambda finding: (order.index(finding.parent), -len(finding.measure))))


def checked(letter: Letter) -> tuple[tuple[str, str], ...]:
    """The identities that :func:`audit` could check, as pairs of parent and measure."""
    return tuple((group.parent, group.measure) for measure in MEASURES for group in _groups(letter, measure))


def slip(printed: int, meant: int) -> Kind | None:
    """The one slip that turns the number that was meant into the printed one, or ``None``.

    The exchanged digits need not be neighbours: counting distant exchanges as rivals makes a suggestion
    rarer, never wrong. A zero that an exchange brought to the front is not printed; it is restored here.
    """
    if meant < 0 or printed == meant:
        return None
    wanted = str(meant)
    have = str(printed).zfill(len(wanted))
    if len(have) != len(wanted):
        return None
    differing = [n for n, (left, right) in enumerate(zip(have, wanted, strict=True)) if left != right]
    if len(differing) == 1 and len(str(printed)) == len(wanted):
        return Kind.SINGLE_DIGIT
    if len(differing) == 2:
        first, second = differing
        if have[first] == wanted[second] and have[second] == wanted[first]:
            return Kind.TRANSPOSED_DIGITS
    return None


def _groups(letter: Letter, measure: str) -> Iterable[_Group]:
    for figure in letter.figures.values():
        parts = {part.key: part.stated(measure) for part in letter.parts_of(figure.key)}
        total = figure.stated(measure)
        stated = {key: value for key, value in parts.items() if value is not None}
        if parts and total is not None and len(stated) == len(parts):
            yield _Group(measure, figure.key, total, stated)


def _only_correction(group: _Group, groups: tuple[_Group, ...]) -> Correction | None:
    possible = []
    for key in group.members:
        meant = group.required(key)
        kind = slip(group.printed(key), meant)
        others = [other for other in groups if other is not group and key in other.members]
        if kind and all(other.excess for other in others):
            possible.append(Correction(key, meant, kind))
    return possible[0] if len(possible) == 1 else None


def _without_contradictions(corrections: dict[str, Correction | None]) -> dict[str, Correction | None]:
    """Drop corrections that would read one figure as two different numbers."""
    readings: dict[str, set[int]] = {}
    for correction in filter(None, corrections.values()):
        readings.setdefault(correction.suspect, set()).add(correction.suggested)
    return {
        parent: correction if correction and len(readings[correction.suspect]) == 1 else None
        for parent, correction in corrections.items()
    }
