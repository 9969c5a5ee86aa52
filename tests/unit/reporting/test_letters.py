"""A letter file is read whole or refused once with every fault; nothing in it can surprise the reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.reporting.letters import LetterError, parse_letters, read_letters


def faults_of(raw: bytes | str) -> tuple[str, ...]:
    with pytest.raises(LetterError) as caught:
        parse_letters(raw.encode() if isinstance(raw, str) else raw, "test.yml")
    return caught.value.faults


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "expected a mapping with `figures`, found nothing"),
        ("figures:", "`figures` should be a mapping of at least one figure, found nothing"),
        ("figures: [1, 2]", "found a list"),
        ("[]", "it is an empty list"),
        ("- 3\n- 4", "letter 2: expected a mapping"),
        ("figures: {a: 5}", "figure 'a': expected a mapping with `subjects` or `doses`, found a number"),
        ("figures: {1: {subjects: 5}}", "the figure's key 1 should be a name"),
        ("figures: {a: {subjects: -1}}", "`subjects` is negative"),
        ("figures: {a: {subjects: 82.957}}", "found a fraction"),
        ("figures: {a: {subjects: 82.957.967}}", "without separators or leading zeros, found text"),
        ("figures: {a: {subjects: 012}}", "found text"),  # octal in YAML 1.1
        ("figures: {a: {subjects: 12:30}}", "found text"),  # base 60 in YAML 1.1
        ("figures: {a: {subjects: 1_000}}", "found text"),
        ("figures: {a: {subjects: true}}", "found true or false"),
        ("figures: {a: {doses: [1]}}", "`doses` should be a whole number"),
        ("figures: {a: {doses: " + "9" * 5000 + "}}", "at most 15 digits"),
        ("figures: {a: {subject: 1}}", "unknown field 'subject'; is `subjects` meant?"),
        ("figures: {a: {subjects: 1, part_of: b}}", "`part_of` names 'b', which the letter does not hold"),
        ("figures: {a: {subjects: 1, part_of: [a]}}", "`part_of` should be text"),
        ("figures: {a: {subjects: 1, part_of: a}}", "in a circle: 'a' -> 'a'"),
        ("figures: {a: {part_of: b}, b: {part_of: c}, c: {part_of: b}}", "in a circle: 'b' -> 'c' -> 'b'"),
        ("figures: {a: {subjects: 1}, a: {subjects: 2}}", "the key 'a' stands twice"),
        ("figures: {a: {subjects: 1, subjects: 2}}", "the key 'subjects' stands twice"),
        ("figures: {a: {subjects: 1}", "it is not valid YAML"),
        ("figures: {? [a] : {subjects: 1}}", "it is not valid YAML"),
        ("figures: !!python/object/apply:os.system [id]", "it is not valid YAML"),
        ("a: &x [1]\nfigures: *x", "alias"),
        ("figures: 1\n---\nfigures: 2", "it is not valid YAML"),
        ("[" * 200_000, "levels deep"),
        ("{a: " * 50, "levels deep"),
        ("figures: \0", "characters that YAML does not allow"),
        ("#" * 1_000_001, "more than 1,000,000 bytes"),
    ],
)
def test_a_hostile_or_faulty_letter_is_refused_with_its_fault(text: str, fault: str) -> None:
    assert any(fault in found for found in faults_of(text)), faults_of(text)


def test_text_that_is_not_utf8_is_refused() -> None:
    assert faults_of(b"figures: {a: {note: \xff}}") == ("byte 21 is not UTF-8; save the file as UTF-8",)


def test_all_faults_of_a_file_come_in_one_error() -> None:
    faults = faults_of(
        """
        as_of: [2022]
        figures:
          a: {subjects: -1, doses: x}
          b: {subjects: 2, part_of: nowhere}
          b: {subjects: 3, part_of: nowhere}
          c: {part_of: d}
          d: {part_of: c}
        """
    )
    wanted = (
        "'b' stands twice",
        "`subjects` is negative",
        "`doses` should be",
        "'nowhere'",
        "circle",
        "`as_of`",
    )
    assert len(faults) == len(wanted)
    assert all(any(part in fault for fault in faults) for part in wanted), faults


def test_a_message_stays_short_however_many_faults_there_are() -> None:
    figures = ", ".join(f"f{n}: {{subjects: -1}}" for n in range(500))
    with pytest.raises(LetterError) as caught:
        parse_letters(f"figures: {{{figures}}}".encode(), "test.yml")
    assert len(caught.value.faults) == 500
    assert "and 460 more" in str(caught.value)


def test_a_missing_file_is_a_letter_error(tmp_path: Path) -> None:
    with pytest.raises(LetterError, match="cannot be opened"):
        read_letters(tmp_path / "none.yml")
    with pytest.raises(LetterError, match="cannot be opened"):
        read_letters(tmp_path)


def test_dates_are_kept_as_printed_and_unknown_remarks_are_left_alone() -> None:
    (letter,) = parse_letters(
        b"as_of: 2022-04-08\nperiod_end: 2022-03\nwrong_reasons: [a]\n"
        b"figures: {a: {paragraph: 1.4, doses_about: 9, subjects: null, vi: x, doses: 7}}",
        "test.yml",
    )
    figure = letter.figures["a"]
    assert (letter.as_of, letter.period_end) == ("2022-04-08", "2022-03")
    assert (figure.paragraph, figure.subjects, figure.doses) == ("1.4", None, 7)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_whatever_the_bytes_the_outcome_is_letters_or_a_letter_error(raw: bytes) -> None:
    try:
        letters = parse_letters(raw, "test.yml")
    except LetterError as error:
        assert error.faults  # noqa: PT017 -- either outcome is allowed
    else:
        assert letters
