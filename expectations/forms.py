"""The recurring forms of a rule: a column is filled, a key is unique, a value is in a set, a query counts no breach.

Saves suites from repeating argument names. What a rule claims, and how hard it binds, is said in the suite.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from expectations.rule import NO_FACTS, Fact, Rule
from expectations.verdict import Severity

BREACHES = "breaches"
_ROWS_BY_PACKAGE = Template(
    "select coalesce(_delivery, 'none') || '=' || count(*) as package_rows from $relation group by _delivery"
)


@dataclass(frozen=True)
class Claim:
    """The part of a rule that people read: ``en`` and ``vi`` claim the same, ``origin`` says on whose word."""

    en: str
    vi: str
    origin: str
    severity: Severity = Severity.CRITICAL

    def rule(
        self,
        id_: str,
        expectation: str,
        *,
        query: str | None = None,
        facts: Mapping[str, Fact] = NO_FACTS,
        measures: tuple[str, ...] = (),
        **arguments: object,
    ) -> Rule:
        """This claim, decided by an expectation of Great Expectations with these arguments."""
        words = (self.severity, self.en, self.vi, self.origin)
        return Rule(id_, *words, expectation, arguments, facts, query=query, measures=measures)


def filled(id_: str, column: str, claim: Claim) -> Rule:
    """No row lacks a value in ``column``."""
    return claim.rule(id_, "ExpectColumnValuesToNotBeNull", column=column)


def unique(id_: str, relation: str, column: str, claim: Claim) -> Rule:
    """No two rows share a value in ``column``; a value that several have counts as one breach.

    By a grouping: Great Expectations' own way counts in a window over every row, which takes three times as long.
    """
    return none_breaks(
        id_,
        f"select 1 from {relation} where {column} is not null group by {column} having count(*) > 1",  # noqa: S608
        claim,
    )


def unique_number(id_: str, relation: str, column: str, claim: Claim, within: str = "") -> Rule:
    """The same of a column of whole numbers, a tenth as long; ``within`` names a column in whose values each is alone.

    Sixty-four neighbouring numbers share one word of bits, one bit each: where a word has fewer bits than it had rows,
    and only there, rows are grouped by the number itself.
    """
    group = f"{within}, " if within else ""
    crowded = (
        f"select {column} >> 6 from {relation} where {column} is not null group by {group}{column} >> 6"  # noqa: S608
        f" having count(*) <> bit_count(bit_or(cast(1 as ubigint) << cast({column} & 63 as ubigint)))"
    )
    query = (
        f"select 1 from {relation} where {column} >> 6 in ({crowded})"  # noqa: S608
        f" group by {group}{column} having count(*) > 1"
    )
    return none_breaks(id_, query, claim)


def known_number(id_: str, relation: str, column: str, among: str, claim: Claim) -> Rule:
    """Every row has a whole number in ``column`` that is one of those that the query ``among`` gives as ``number``.

    By words of bits as :func:`unique_number`: only where a word has a bit that the other side's lacks, numbers are
    looked up themselves.
    """
    strange = (
        f"select asked.word from ({_words(column, relation)}) as asked"  # noqa: S608
        f" left join ({_words('number', f'({among})')}) as known using (word)"
        " where asked.bits & ~coalesce(known.bits, 0) <> 0"
    )
    query = (
        f"with odd as materialized (select {column} as number from {relation} where {column} >> 6 in ({strange}))"  # noqa: S608
        f" select 1 from odd where number not in"
        f" (select number from ({among}) where number in (select number from odd))"
        f" union all select 1 from {relation} where {column} is null"
    )
    return none_breaks(id_, query, claim)


def _words(column: str, relation: str) -> str:
    """Which of 64 neighbouring numbers there are, as the bits of a word."""
    bits = f"bit_or(cast(1 as ubigint) << cast({column} & 63 as ubigint))"
    return f"select {column} >> 6 as word, {bits} as bits from {relation} where {column} is not null group by all"  # noqa: S608


def one_of(id_: str, column: str, values: tuple[object, ...], claim: Claim, mostly: float = 1.0) -> Rule:
    """Every value of ``column`` that is there is one of ``values``; at least the share ``mostly`` of them."""
    return claim.rule(
        id_, "ExpectColumnValuesToBeInSet", column=column, value_set=list(values), mostly=mostly
    )


def none_breaks(id_: str, query: str, claim: Claim) -> Rule:
    """``query`` selects a 1 for each row (or group of rows) that breaks the rule: there is none.

    For rules that look at several columns or relations.
    """
    return counts_zero(id_, f"select count(*) as {BREACHES} from ({query})", claim)  # noqa: S608 - rules of the suites


def counts_zero(id_: str, query: str, claim: Claim, measures: tuple[str, ...] = ()) -> Rule:
    """``query`` gives one row with a column ``breaches``, a count: it is zero.

    ``measures`` are further columns of that row, counts that people are told.
    """
    return claim.rule(
        id_,
        "ExpectColumnMaxToBeBetween",
        query=query,
        measures=measures,
        column=BREACHES,
        min_value=0,
        max_value=0,
    )


def as_declared(id_: str, relation: str, claim: Claim) -> Rule:
    """Each package brought as many rows of a raw relation as it declared: none more, none fewer."""
    return claim.rule(
        id_,
        "ExpectColumnDistinctValuesToEqualSet",
        query=_ROWS_BY_PACKAGE.substitute(relation=relation),
        facts={"value_set": Fact.DECLARED_BY_PACKAGE},
        column="package_rows",
    )
