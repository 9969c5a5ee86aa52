"""A gate rule as data: what is claimed, why, how hard it binds, and the expectation that decides.

Only the record and the meaning of facts; nothing here imports Great Expectations, so reading the rules is cheap.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from expectations.errors import FactError
from expectations.verdict import Severity

RULE_ID = re.compile(r"[A-Z]+-[A-Z]+-[0-9]{2}")
NOTHING: Mapping[str, object] = MappingProxyType({})
NO_FACTS: Mapping[str, Fact] = MappingProxyType({})


class Fact(StrEnum):
    """What a rule must be told because the warehouse cannot know it. Absent or unreadable: the rule isn't evaluated.

    ``declared_rows``: rows the vendor declared, over all packages in scope (int). ``declared_by_package``: the same for
    each package that declared any, a line ``package=rows`` each. ``as_of``: last day whose rows count (ISO date).
    ``figure_ids``: ids of all registered figures, separated by spaces.
    """

    DECLARED_ROWS = "declared_rows"
    DECLARED_BY_PACKAGE = "declared_by_package"
    AS_OF = "as_of"
    FIGURE_IDS = "figure_ids"


@dataclass(frozen=True)
class Rule:
    """One quotable rule of a suite.

    ``expectation`` names a class of Great Expectations, ``arguments`` its arguments (thresholds among them: ``mostly``
    is the least share of rows that must pass, ``max_value`` the greatest count). ``facts`` maps further arguments to
    facts. ``query``, when given, is judged in place of the relation; it must select no personal column. ``measures``
    names columns of such a query of one row: counts that are told beside the verdict. ``origin`` is the source of the
    rule and of its threshold.
    """

    id: str
    severity: Severity
    claim_en: str
    claim_vi: str
    origin: str
    expectation: str
    arguments: Mapping[str, object] = field(default_factory=lambda: NOTHING)
    facts: Mapping[str, Fact] = field(default_factory=lambda: NO_FACTS)
    query: str | None = None
    measures: tuple[str, ...] = ()

    @property
    def mostly(self) -> float:
        """Least share of rows that must pass, 0 to 1."""
        mostly = self.arguments.get("mostly", 1.0)
        return mostly if isinstance(mostly, float) else 1.0


def fact_argument(fact: Fact, facts: Mapping[str, int | str]) -> object:
    """The argument a fact becomes: a count, the first instant after a day in Viet Nam, or a list of ids."""
    given = facts.get(fact.value)
    if fact is Fact.DECLARED_ROWS and isinstance(given, int):
        return given
    if fact is Fact.DECLARED_BY_PACKAGE and isinstance(given, str):
        return given.splitlines()
    if fact is Fact.AS_OF and isinstance(given, str):
        return _first_instant_after(given)
    if fact is Fact.FIGURE_IDS and isinstance(given, str) and given.split():
        return given.split()
    raise FactError(
        f"The fact {fact.value} was {_fault(given)}; give it to the judgement as its description asks."
    )


def _first_instant_after(day: str) -> str:
    try:
        return f"{date.fromisoformat(day) + timedelta(days=1)}T00:00:00+07:00"
    except (ValueError, OverflowError):
        raise FactError(f"The fact {Fact.AS_OF.value} is no day; write it as 2022-04-05.") from None


def _fault(given: int | str | None) -> str:
    return "not given" if given is None else "not given in its form"
