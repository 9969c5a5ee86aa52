"""An official letter's figures as data: what a letter file must hold, and every fault of it at once.

Belongs here: parsing and the shape of a letter. Whether its figures add up is judged by
:mod:`orchestration.reporting.audit`.
"""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.reporting.letter_yaml import (
    MAX_BYTES,
    MAX_DIGITS,
    UnreadableYamlError,
    Value,
    parse,
    shown,
)

MEASURES = ("subjects", "doses")
MAX_FIGURES = 1_000
MAX_FAULTS_SHOWN = 40
_FIELDS = (*MEASURES, "part_of", "paragraph", "note")


class LetterError(ValueError):
    """A letter file cannot be used; ``faults`` holds every reason, the message all of them and the remedy."""

    def __init__(self, name: str, faults: tuple[str, ...]) -> None:
        self.faults = faults
        shown_faults = [f"- {fault}" for fault in faults[:MAX_FAULTS_SHOWN]]
        if len(faults) > MAX_FAULTS_SHOWN:
            shown_faults.append(f"- and {len(faults) - MAX_FAULTS_SHOWN} more")
        lines = "\n".join(shown_faults)
        super().__init__(f"The letter {name} cannot be read; mend the file and try again:\n{lines}")


@dataclass(frozen=True)
class LetterFigure:
    """One figure as printed. ``subjects`` and ``doses`` are counts, ``None`` where the letter states none."""

    key: str
    subjects: int | None
    doses: int | None
    part_of: str | None
    paragraph: str | None = None

    def stated(self, measure: str) -> int | None:
        """The printed count of ``measure`` (``subjects`` or ``doses``)."""
        return {"subjects": self.subjects, "doses": self.doses}[measure]


@dataclass(frozen=True)
class Letter:
    """One letter: its date as printed (``2022-04-08`` or ``2022-03``), source and figures in order."""

    as_of: str | None
    period_end: str | None
    source: str | None
    figures: Mapping[str, LetterFigure]

    def parts_of(self, key: str) -> tuple[LetterFigure, ...]:
        """The figures marked ``part_of`` this one."""
        return tuple(figure for figure in self.figures.values() if figure.part_of == key)


def read_letters(path: Path) -> tuple[Letter, ...]:
    """The letter of a file, or the letters when it holds a list; raises :class:`LetterError`."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise LetterError(path.name, (f"the file cannot be opened ({error.strerror})",)) from error
    return parse_letters(raw, path.name)


def parse_letters(raw: bytes, name: str) -> tuple[Letter, ...]:
    """The letters in these YAML bytes; ``name`` is what errors call them. Raises :class:`LetterError`."""
    try:
        document = parse(raw)
    except UnreadableYamlError as error:
        raise LetterError(name, (str(error),)) from error
    faults = list(document.faults)
    if isinstance(document.value, list):
        entries = [(f"letter {n}: ", value) for n, value in enumerate(document.value, start=1)]
    else:
        entries = [("", document.value)]
    if not entries:
        faults.append("it is an empty list; expected at least one letter with `figures`")
    letters = tuple(_Reading(prefix, faults).letter(value) for prefix, value in entries)
    if faults:
        raise LetterError(name, tuple(faults))
    return letters


@dataclass(frozen=True)
class _Reading:
    """Reads one letter's values and notes each fault with the place it stands at."""

    prefix: str
    faults: list[str] = field(default_factory=list)

    def letter(self, value: Value) -> Letter:
        if not isinstance(value, dict):
            self._fault("expected a mapping with `figures`, found " + _kind(value))
            return Letter(None, None, None, {})
        raw_figures = value.get("figures")
        if not isinstance(raw_figures, dict) or not raw_figures:
            self._fault("`figures` should be a mapping of at least one figure, found " + _kind(raw_figures))
            raw_figures = {}
        if len(raw_figures) > MAX_FIGURES:
            self._fault(f"`figures` holds more than {MAX_FIGURES} figures")
            raw_figures = {}
        read = [self._figure(key, body) for key, body in raw_figures.items()]
        figures = {figure.key: figure for figure in read if figure}
        self._check_parts(figures, raw_figures)
        return Letter(
            as_of=self._text(value, "as_of", ""),
            period_end=self._text(value, "period_end", ""),
            source=self._text(value, "source", ""),
            figures=figures,
        )

    def _figure(self, key: Hashable, body: Value) -> LetterFigure | None:
        if not isinstance(key, str) or not key.strip() or len(key) > 80:
            self._fault(f"the figure's key {shown(key)} should be a name of 1 to 80 characters")
            return None
        place = f"figure {shown(key)}: "
        if not isinstance(body, dict):
            self._fault(f"{place}expected a mapping with `subjects` or `doses`, found {_kind(body)}")
            return None
        self._check_field_names(body, place)
        return LetterFigure(
            key=key,
            subjects=self._count(body, "subjects", place),
            doses=self._count(body, "doses", place),
            part_of=self._text(body, "part_of", place),
            paragraph=self._text(body, "paragraph", place),
        )

    def _check_field_names(self, body: Mapping[Hashable, Value], place: str) -> None:
        """A misspelt measure would silently leave its group unaudited, so it is a fault."""
        for name in body:
            if name in _FIELDS or (isinstance(name, str) and name.startswith(("subjects_", "doses_"))):
                continue
            close = difflib.get_close_matches(str(name).lower(), _FIELDS, n=1, cutoff=0.75)
            if close:
                self._fault(f"{place}unknown field {shown(name)}; is `{close[0]}` meant?")

    def _count(self, body: Mapping[Hashable, Value], name: str, place: str) -> int | None:
        value = body.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            wanted = f"a whole number of at most {MAX_DIGITS} digits without separators or leading zeros"
            self._fault(f"{place}`{name}` should be {wanted}, found {_kind(value)}")
            return None
        if value < 0:
            self._fault(f"{place}`{name}` is negative; a count cannot be")
            return None
        return value

    def _text(self, body: Mapping[Hashable, Value], name: str, place: str) -> str | None:
        value = body.get(name)
        if value is None:
            return None
        if isinstance(value, str | int | float) and not isinstance(value, bool) and len(str(value)) <= 500:
            return str(value)
        self._fault(f"{place}`{name}` should be text of at most 500 characters, found {_kind(value)}")
        return None

    def _check_parts(self, figures: Mapping[str, LetterFigure], raw: Mapping[Hashable, Value]) -> None:
        for figure in figures.values():
            if figure.part_of is not None and figure.part_of not in raw:
                place = f"figure {shown(figure.key)}: "
                self._fault(f"{place}`part_of` names {shown(figure.part_of)}, which the letter does not hold")
        parents = {key: figure.part_of for key, figure in figures.items()}
        for cycle in cycles(parents):
            self._fault("`part_of` goes round in a circle: " + " -> ".join(map(shown, cycle)))

    def _fault(self, sentence: str) -> None:
        self.faults.append(self.prefix + sentence)


def cycles(parents: Mapping[str, str | None]) -> tuple[tuple[str, ...], ...]:
    """Each circle among ``child -> parent`` links once, starting and ending with its first key in order."""
    settled: set[str] = set()
    found = []
    for start in parents:
        path: list[str] = []
        key: str | None = start
        while key is not None and key not in settled and key not in path:
            path.append(key)
            key = parents.get(key)
        if key is not None and key in path:
            found.append((*path[path.index(key) :], key))
        settled.update(path)
    return tuple(found)


def _kind(value: Value) -> str:
    names = {
        type(None): "nothing",
        bool: "true or false",
        int: "a number",
        float: "a fraction",
        str: "text",
        list: "a list",
        dict: "a mapping",
    }
    return names[type(value)]
