"""The letter audit names the one slip that explains a difference, and nothing where there is doubt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.reporting.audit import Finding, Kind, audit, checked, slip
from orchestration.reporting.letters import Letter, LetterFigure, parse_letters, read_letters

LETTERS = Path(__file__).parents[3] / "handover" / "correspondence"


def letter_of(text: str) -> Letter:
    (letter,) = parse_letters(("figures:\n" + text).encode(), "test.yml")
    return letter


def test_the_ministrys_letter_has_exactly_the_printed_transposition() -> None:
    (letter,) = read_letters(LETTERS / "letter_2022-04-08.yml")
    assert [finding.as_json() for finding in audit(letter)] == [
        {
            "group": "with_id",
            "measure": "subjects",
            "parent": "with_id",
            "stated_total": 72_398_969,
            "sum_of_parts": 72_668_969,
            "difference": 270_000,
            "suspect": "with_id_wrong",
            "suggested": 15_693_242,
            "kind": "transposed_digits",
        }
    ]


def test_the_vintages_of_the_press_raise_no_finding() -> None:
    vintages = read_letters(LETTERS / "vintages.yml")
    assert [audit(letter) for letter in vintages] == [()] * len(vintages)
    assert [len(checked(letter)) for letter in vintages] == [2, 0]


@pytest.mark.parametrize(
    ("printed", "meant", "kind"),
    [
        (15_963_242, 15_693_242, Kind.TRANSPOSED_DIGITS),
        (21, 12, Kind.TRANSPOSED_DIGITS),
        (91_345, 51_349, Kind.TRANSPOSED_DIGITS),  # digits far apart
        (25, 205, Kind.TRANSPOSED_DIGITS),  # 025: the zero that came to the front is not printed
        (7, 4, Kind.SINGLE_DIGIT),
        (1_234_567, 1_294_567, Kind.SINGLE_DIGIT),
        (12, 12, None),
        (12, 112, None),  # a digit lost is not a digit changed
        (112, 12, None),
        (1_234, 4_321, None),
        (12, -21, None),
        (0, 300, None),
    ],
)
def test_a_slip_is_two_digits_exchanged_or_one_changed(printed: int, meant: int, kind: Kind | None) -> None:
    assert slip(printed, meant) == kind


def test_two_corrections_that_both_explain_leave_the_difference_unexplained() -> None:
    # total 46, parts 21 + 34 = 55: 46 -> 55 is no slip, 21 -> 12 is one, 34 -> 25 is none;
    # with a third part 32 -> 23 there are two.
    one = letter_of("  a: {subjects: 46}\n  b: {subjects: 21, part_of: a}\n  c: {subjects: 34, part_of: a}\n")
    two = letter_of(
        "  a: {subjects: 78}\n  b: {subjects: 21, part_of: a}\n"
        "  c: {subjects: 34, part_of: a}\n  d: {subjects: 32, part_of: a}\n"
    )
    assert [f.correction and f.correction.suspect for f in audit(one)] == ["b"]
    assert [f.correction for f in audit(two)] == [None]
    assert audit(two)[0].as_json()["kind"] == "unexplained"


def test_a_correction_that_breaks_another_identity_is_not_named() -> None:
    # b = 21 alone would explain a = b + c, but b = d + e holds as printed.
    letter = letter_of(
        "  a: {doses: 46}\n  b: {doses: 21, part_of: a}\n  c: {doses: 34, part_of: a}\n"
        "  d: {doses: 20, part_of: b}\n  e: {doses: 1, part_of: b}\n"
    )
    assert [(f.parent, f.correction) for f in audit(letter)] == [("a", None)]


def test_a_misprint_in_the_middle_is_named_by_both_groups_it_breaks() -> None:
    letter = letter_of(
        "  sent: {subjects: 800000}\n  with: {subjects: 517000, part_of: sent}\n"
        "  without: {subjects: 85000, part_of: sent}\n"
        "  right: {subjects: 600000, part_of: with}\n  wrong: {subjects: 115000, part_of: with}\n"
    )
    named = [
        (f.parent, f.correction and (f.correction.suspect, f.correction.suggested)) for f in audit(letter)
    ]
    assert named == [("sent", ("with", 715_000)), ("with", ("with", 715_000))]


def test_one_figure_is_never_suggested_as_two_numbers() -> None:
    # as part of a, b should read 12; as the total of d and e it should read 31: neither is presented.
    letter = letter_of(
        "  a: {doses: 112}\n  b: {doses: 21, part_of: a}\n  c: {doses: 100, part_of: a}\n"
        "  d: {doses: 30, part_of: b}\n  e: {doses: 1, part_of: b}\n"
    )
    assert all(f.correction is None or f.correction.suspect != "b" for f in audit(letter))


def test_a_group_is_checked_only_where_all_of_it_is_stated() -> None:
    letter = letter_of(
        "  a: {subjects: 10, doses: 20}\n"
        "  b: {subjects: 4, doses: 9, part_of: a}\n  c: {doses: 9, part_of: a}\n"
    )
    assert checked(letter) == (("a", "doses"),)
    assert [(f.parent, f.measure, f.difference) for f in audit(letter)] == [("a", "doses", -2)]


Tree = tuple[int, tuple["Tree", ...]]
leaves = st.integers(0, 99_999_999).map(lambda n: (n, ()))
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, min_size=1, max_size=4).map(lambda c: (0, tuple(c))), max_leaves=12
)


def _figures(tree: Tree, key: str, parent: str | None) -> tuple[int, dict[str, LetterFigure]]:
    own, children = tree
    figures: dict[str, LetterFigure] = {}
    total = own
    below: dict[str, LetterFigure] = {}
    for n, child in enumerate(children):
        value, nested = _figures(child, f"{key}.{n}", key)
        total += value
        below |= nested
    figures[key] = LetterFigure(key, total, total * 2 + 1 if not children else None, parent)
    return total, figures | below


@st.composite
def consistent_letters(draw: st.DrawFn) -> Letter:
    _, figures = _figures(draw(trees), "f", None)
    return Letter("2022-04-08", None, None, figures)


@given(consistent_letters())
def test_a_consistent_letter_raises_no_finding(letter: Letter) -> None:
    assert audit(letter) == ()


def _planted(letter: Letter, key: str, printed: int) -> Letter:
    return replace(letter, figures={**letter.figures, key: replace(letter.figures[key], subjects=printed)})


def _named(findings: tuple[Finding, ...]) -> set[tuple[str, int]]:
    return {(f.correction.suspect, f.correction.suggested) for f in findings if f.correction}


@settings(max_examples=400)
@given(consistent_letters(), st.data())
def test_a_planted_slip_is_named_or_left_unexplained_but_never_named_wrongly(
    letter: Letter, data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(letter.figures)))
    meant = letter.figures[key].subjects or 0
    digits = list(str(meant))
    if data.draw(st.booleans()) and len(digits) > 1:
        i, j = data.draw(st.lists(st.integers(0, len(digits) - 1), min_size=2, max_size=2, unique=True))
        digits[i], digits[j] = digits[j], digits[i]
    else:
        digits[data.draw(st.integers(0, len(digits) - 1))] = data.draw(st.sampled_from("123456789"))
    printed = int("".join(digits))
    findings = audit(_planted(letter, key, printed))
    assert _named(findings) <= {(key, meant)}
    if printed == meant:
        assert findings == ()
