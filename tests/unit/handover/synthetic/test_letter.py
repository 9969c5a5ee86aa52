"""The letter of a country: one misprint, of the real one's kind, that its readers can find."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from handover.synthetic.letter import is_slip, misprint, write_letter
from handover.synthetic.quotas import figures, nation
from orchestration.reporting.audit import audit
from orchestration.reporting.letters import read_letters

SCALES = st.integers(1, 10_000).map(lambda n: n / 10_000) | st.floats(0.0001, 1)

Write = Callable[[float], Path]


@pytest.fixture(scope="module")
def write(tmp_path_factory: pytest.TempPathFactory) -> Write:
    """Writes the letter of a scale over the one before."""
    target = tmp_path_factory.mktemp("letter") / "letter.yml"

    def written(scale: float) -> Path:
        write_letter(target, scale)
        return target

    return written


@given(scale=SCALES)
def test_the_audit_finds_the_one_misprint_as_exchanged_digits(write: Write, scale: float) -> None:
    (letter,) = read_letters(write(scale))
    (finding,) = audit(letter)
    said = finding.as_json()
    assert (said["group"], said["measure"], said["suspect"]) == ("with_id", "subjects", "with_id_wrong")
    assert said["kind"] == "transposed_digits"
    assert said["suggested"] == figures(scale)["with_id_wrong"].subjects


@given(scale=SCALES)
def test_only_one_printed_number_differs_from_the_figures(write: Write, scale: float) -> None:
    stated = yaml.safe_load(write(scale).read_text("utf-8"))["figures"]
    wrong = [
        (name, measure)
        for name, quota in figures(scale).items()
        for measure, meant in (("subjects", quota.subjects), ("doses", quota.doses))
        if stated[name][measure] != meant
    ]
    assert wrong == [("with_id_wrong", "subjects")]


def test_the_nations_letter_is_the_real_one(write: Write) -> None:
    stated = yaml.safe_load(write(1).read_text("utf-8"))["figures"]
    for name, figure in stated.items():
        assert (figure["subjects"], figure["doses"]) == tuple(
            nation()["figures"][name][measure] for measure in ("subjects", "doses")
        )


@pytest.mark.parametrize(
    ("number", "beside", "printed"),
    [
        (15_693_242, 56_705_727, 15_963_242),  # the real one
        (1_570, 5_671, 1_507),  # the third and the fourth
        (39_233, 141_765, 32_933),  # 39,323 is 90 more, and so would be another digit of the part beside
        (1_100, 5_000, 1_010),  # equal digits further right
        (10, 50, 10),  # no zero comes to the front
    ],
)
def test_the_misprint_is_where_nothing_else_explains_it(number: int, beside: int, printed: int) -> None:
    assert misprint(number, beside) == printed


@pytest.mark.parametrize(
    ("printed", "meant", "expected"),
    [
        (141_765, 141_675, True),
        (141_765, 141_705, True),
        (141_765, 141_765, False),
        (141_765, 142_675, False),
        (100, 91, False),
        (5, -4, False),
    ],
)
def test_a_slip_is_one_changed_digit_or_two_exchanged(printed: int, meant: int, expected: bool) -> None:
    assert is_slip(printed, meant) is expected
