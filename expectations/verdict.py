"""What a judged rule comes to: passed, broken, or not evaluated, with counts and never a value from the data.

Holds facts only; how a rule is judged belongs to the runner, what happens next to the platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a broken rule means: ``critical`` stops everything behind the relation, ``warning`` is told and kept."""

    CRITICAL = "critical"
    WARNING = "warning"


class State(StrEnum):
    """What a rule came to. ``not_evaluated`` is not passed."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True)
class Verdict:
    """One rule judged once on one relation (``schema.name``).

    ``is_passed`` is never true where ``is_evaluated`` is false. ``measured`` holds counts: ``rows`` looked at,
    ``expected`` rows, ``breaking`` rows, ``missing`` values; where rows are balanced, how many arrived, were kept and
    were set aside. ``problem`` is a sentence, None when the rule passed.
    """

    rule_id: str
    relation: str
    severity: Severity
    is_evaluated: bool
    is_passed: bool
    measured: Mapping[str, int]
    problem: str | None

    @property
    def state(self) -> State:
        """What people read."""
        if not self.is_evaluated:
            return State.NOT_EVALUATED
        return State.PASSED if self.is_passed else State.FAILED
