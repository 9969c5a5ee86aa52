"""What passes between the runner and Great Expectations: a question with its arguments, and a bare result.

Plain records without any value of the data; neither side's decisions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    """One rule on a relation, ready to be asked: expectation class, full arguments.

    ``query`` is judged in place of the relation; ``measures`` are columns of its one row, counts to bring back.
    """

    relation: str
    rule_id: str
    expectation: str
    arguments: Mapping[str, object]
    query: str | None
    measures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What was answered. ``counts`` keeps the whole numbers of Great Expectations' result under its own names.

    ``measured`` holds what the question's measures came to.
    """

    is_evaluated: bool
    is_passed: bool
    counts: Mapping[str, int]
    problem: str | None = None
    measured: Mapping[str, int] = field(default_factory=dict)


def unanswered(problem: str) -> Result:
    """A question that could not be asked, and why."""
    return Result(is_evaluated=False, is_passed=False, counts={}, problem=problem)


def refused(kind: str) -> Result:
    """A question that the database refused with an error of this name."""
    return unanswered(f"The database refused it ({kind}); see that the relation and its columns exist.")


def is_count(value: object) -> bool:
    """Whether it is a whole number; truth values are none."""
    return isinstance(value, int) and not isinstance(value, bool)
