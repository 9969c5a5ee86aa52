"""The recurring forms of a rule: a column is filled, a key is unique, a value is in a set, a query counts no breach.

Saves suites from repeating argument names. What a rule claims, and how hard it binds, is said in the suite.
"""

from __future__ import annotations

from dataclasses import dataclass

from expectations.rule import Rule
from expectations.verdict import Severity

BREACHES = "breaches"


@dataclass(frozen=True)
class Claim:
    """The part of a rule that people read: ``en`` and ``vi`` claim the same, ``origin`` says on whose word."""

    en: str
    vi: str
    origin: str
    severity: Severity = Severity.CRITICAL

    def rule(self, id_: str, expectation: str, *, query: str | None = None, **arguments: object) -> Rule:
        """This claim, decided by an expectation of Great Expectations with these arguments."""
        return Rule(id_, self.severity, self.en, self.vi, self.origin, expectation, arguments, query=query)


def filled(id_: str, column: str, claim: Claim) -> Rule:
    """No row lacks a value in ``column``."""
    return claim.rule(id_, "ExpectColumnValuesToNotBeNull", column=column)


def unique(id_: str, column: str, claim: Claim) -> Rule:
    """No two rows share a value in ``column``."""
    return claim.rule(id_, "ExpectColumnValuesToBeUnique", column=column)


def one_of(id_: str, column: str, values: tuple[object, ...], claim: Claim, mostly: float = 1.0) -> Rule:
    """Every value of ``column`` that is there is one of ``values``; at least the share ``mostly`` of them."""
    return claim.rule(
        id_, "ExpectColumnValuesToBeInSet", column=column, value_set=list(values), mostly=mostly
    )


def none_breaks(id_: str, query: str, claim: Claim) -> Rule:
    """``query`` selects a 1 for each row (or group of rows) that breaks the rule: there is none.

    For rules that look at several columns or relations. Great Expectations only counts, so nothing but a count leaves
    the database, and the query runs once.
    """
    return claim.rule(id_, "ExpectTableRowCountToEqual", query=query, value=0)


def counts_zero(id_: str, query: str, claim: Claim) -> Rule:
    """``query`` gives one row with one column ``breaches``, a count: it is zero. For differences of two counts."""
    return claim.rule(
        id_, "ExpectColumnMaxToBeBetween", query=query, column=BREACHES, min_value=0, max_value=0
    )
