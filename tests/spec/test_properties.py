"""What holds for every name, number and date, tried on thousands made up from a fixed seed and on the whole syllabary.

dbt starts slowly: one build judges every value made up, another what the first made of them.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from tests.spec import made_up, syllables, warehouse
from tests.spec.warehouse import query

SEED = 1989
MARKS = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}


class Name(NamedTuple):
    standard: str | None
    key: str | None
    repair: str | None
    rules: frozenset[str]


class Number(NamedTuple):
    kind: str
    repair: str | None
    rules: frozenset[str]


class Date(NamedTuple):
    day: str | None
    precision: str | None
    repair: str | None
    rules: frozenset[str]


class Judged(NamedTuple):
    names: dict[str, Name]
    numbers: dict[str, Number]
    dates: dict[str, Date]


def _judged(path: Path, names: Iterable[str], numbers: Iterable[str], dates: Iterable[str]) -> Judged:
    """Build a warehouse of subjects that have these values, each alone."""
    warehouse.make(path, {})
    with closing(duckdb.connect(path)) as connection:
        for column, values in (("full_name", names), ("id_number", numbers), ("date_of_birth", dates)):
            connection.execute(
                f"insert into raw.subjects by name select {column},"
                " row_number() over () + (select count(*) from raw.subjects) as subject_id"
                f" from (select unnest(?) as {column})",
                [sorted(set(values))],
            )
        connection.execute(
            "update raw.subjects set _delivery = ?, _table = 'vendor.subjects', _row = subject_id",
            [warehouse.DELIVERY],
        )
    warehouse.build(path, "+int_subjects__typed")
    return Judged(
        {
            value: Name(standard, key, repair, frozenset(rules.split()))
            for value, standard, key, repair, rules in query(
                path,
                "select full_name, full_name_std, name_key, full_name_repair, rule_ids from cleansing.int_names",
            )
        },
        {
            value: Number(
                kind, repair, frozenset(rule for rule in rules.split() if rule.startswith("SUB-ID-"))
            )
            for value, kind, repair, rules in query(
                path,
                "select distinct id_number, id_class, id_repair, rule_ids from cleansing.int_subjects__typed"
                " where id_number is not null",
            )
        },
        {
            value: Date(day, precision, repair, frozenset(rules.split()))
            for value, day, precision, repair, rules in query(
                path,
                "select date_of_birth, cast(date_of_birth_std as varchar), date_of_birth_precision,"
                " date_of_birth_repair, rule_ids from cleansing.int_dates_of_birth",
            )
        },
    )


@pytest.fixture(scope="module")
def names_made_up() -> list[str]:
    return sorted(set(made_up.names(random.Random(SEED))))  # noqa: S311


@pytest.fixture(scope="module")
def first(names_made_up: list[str], tmp_path_factory: pytest.TempPathFactory) -> Judged:
    chosen = random.Random(SEED + 1)  # noqa: S311
    words = [word.capitalize() for word in syllables.syllabary()]
    titled = [f"Ông {chosen.choice(made_up.SURNAMES)} Văn {chosen.choice(words)}" for _ in range(50)]
    turned = [f"{chosen.choice(words)} {chosen.choice(made_up.SURNAMES)}" for _ in range(200)]
    names = [*names_made_up, *words, *titled, *turned]
    path = tmp_path_factory.mktemp("first") / "warehouse.duckdb"
    return _judged(path, names, made_up.numbers(chosen), made_up.dates(chosen))


@pytest.fixture(scope="module")
def second(first: Judged, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """The standard spellings and the repairs of the first, judged again."""
    path = tmp_path_factory.mktemp("second") / "warehouse.duckdb"
    return _judged(
        path,
        [text for name in first.names.values() for text in (name.standard, name.repair) if text],
        [number.repair for number in first.numbers.values() if number.repair],
        [born.repair for born in first.dates.values() if born.repair],
    )


def _identity(name: str) -> tuple[object, ...]:
    """What makes a name the name it is; knows nothing of the models."""
    visible = "".join(letter for letter in name if letter not in made_up.INVISIBLE)
    composed = unicodedata.normalize("NFC", " ".join(visible.split()))
    for letter, others in made_up.LOOK_ALIKES.items():
        composed = re.sub(f"[{others}]", letter, composed)
    return tuple(_syllable(part) for part in re.split(r"([ '-])", composed.casefold()))


def _syllable(part: str) -> object:
    """A syllable without its tone and the tone; a word of no Vietnamese syllable stands as it is."""
    letters = unicodedata.normalize("NFD", part)
    tones = [letter for letter in letters if letter in MARKS]
    base = unicodedata.normalize("NFC", "".join(letter for letter in letters if letter not in MARKS))
    return (base, tones) if len(tones) == 1 and base in syllables.BARE else part


def _groups(pairs: Iterable[tuple[object, object]]) -> Iterator[tuple[object, set[object]]]:
    found: dict[object, set[object]] = {}
    for one, other in pairs:
        found.setdefault(one, set()).add(other)
    yield from found.items()


def test_the_values_made_up_are_many_and_of_every_kind(first: Judged, names_made_up: list[str]) -> None:
    assert len(names_made_up) >= 3_000
    assert len(syllables.syllabary()) >= 17_000
    assert len(first.numbers) >= 1_500
    assert len(first.dates) >= 3_000
    assert {number.kind for number in first.numbers.values() if number.repair} == {"malformed"}


def test_two_names_are_equal_exactly_when_they_are_the_same_name(
    first: Judged, names_made_up: list[str]
) -> None:
    same = {name: str(_identity(name)) for name in names_made_up}
    assert len(set(same.values())) < len(names_made_up)
    confused = [g for g in _groups((first.names[n].key, same[n]) for n in names_made_up) if len(g[1]) > 1]
    corrupted = [g for g in _groups((same[n], first.names[n].key) for n in names_made_up) if len(g[1]) > 1]
    assert (confused, corrupted) == ([], [])


def test_equal_names_and_only_those_have_one_standard_spelling(first: Judged) -> None:
    names = first.names.values()
    assert [g for g in _groups((name.key, name.standard) for name in names) if len(g[1]) > 1] == []
    assert [g for g in _groups((name.standard, name.key) for name in names) if len(g[1]) > 1] == []


def test_standardising_twice_changes_nothing(first: Judged, second: Judged) -> None:
    standards = {name.standard for name in first.names.values() if name.standard}
    assert [text for text in standards if second.names[text].standard != text] == []


def test_syllables_that_differ_in_tone_or_vowel_quality_are_different(first: Judged) -> None:
    every = [word.capitalize() for word in syllables.syllabary()]
    assert [g for g in _groups((first.names[word].key, word) for word in every) if len(g[1]) > 1] == []


def test_a_syllable_written_right_is_its_own_standard_and_nothing_is_found_in_it(first: Judged) -> None:
    every = [word.capitalize() for word in syllables.syllabary()]
    unnamed = {"SUB-NAME-09", "SUB-NAME-12"}
    assert [word for word in every if first.names[word].standard != word.upper()] == []
    assert [(word, first.names[word].rules) for word in every if first.names[word].rules - unnamed] == []


def test_no_repair_changes_a_valid_value(first: Judged) -> None:
    numbers = [
        value for value, number in first.numbers.items() if number.kind != "malformed" and number.repair
    ]
    dates = [value for value, born in first.dates.items() if born.day and born.repair]
    proposing = {"SUB-NAME-11", "SUB-NAME-13", "SUB-NAME-14"}
    names = [value for value, name in first.names.items() if name.repair and not name.rules & proposing]
    assert (numbers, dates, names) == ([], [], [])


def test_every_repair_of_a_number_is_valid_and_needs_no_other(first: Judged, second: Judged) -> None:
    repairs = {number.repair for number in first.numbers.values() if number.repair}
    assert repairs
    again = {repair: second.numbers[repair] for repair in repairs}
    assert [r for r, number in again.items() if number.kind not in ("cccd12", "cmnd9") or number.repair] == []


def test_zeros_are_only_added_where_they_make_a_number_that_can_be(first: Judged, second: Judged) -> None:
    padded = {
        number.repair for number in first.numbers.values() if "SUB-ID-02" in number.rules and number.repair
    }
    assert padded
    assert [repair for repair in padded if second.numbers[repair].rules & {"SUB-ID-06", "SUB-ID-08"}] == []


def test_every_repair_of_a_date_is_a_day_and_needs_no_other(first: Judged, second: Judged) -> None:
    repairs = {born.repair for born in first.dates.values() if born.repair}
    assert repairs
    again = {repair: second.dates[repair] for repair in repairs}
    assert [r for r, born in again.items() if born.precision != "day" or born.repair] == []


def test_every_repair_of_a_name_needs_no_other(first: Judged, second: Judged) -> None:
    repairs = {name.repair for name in first.names.values() if name.repair}
    assert repairs
    assert [repair for repair in repairs if second.names[repair].repair] == []
