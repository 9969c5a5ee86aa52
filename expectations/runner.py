"""Judges relations by their suites: one verdict per rule, always. Not evaluated is not passed.

Decides what a result means; asking Great Expectations is the business of :mod:`expectations.pushdown`, which is
imported with the first judgement because that library takes seconds to load.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from expectations.catalogue import suites
from expectations.errors import FactError, UnknownRelation
from expectations.forms import BREACHES
from expectations.result import Question, Result
from expectations.rule import Rule, fact_argument
from expectations.verdict import Verdict


def judge(
    warehouse: Path, relation: str, facts: Mapping[str, int | str], *, memory_limit: str | None = None
) -> tuple[Verdict, ...]:
    """The verdicts on one relation, as :func:`judge_together` gives them."""
    return judge_together(warehouse, {relation: facts}, memory_limit=memory_limit)[relation]


def judge_together(
    warehouse: Path,
    facts: Mapping[str, Mapping[str, int | str]],
    *,
    memory_limit: str | None = None,
) -> dict[str, tuple[Verdict, ...]]:
    """The verdicts on some relations (``schema.name``) in the DuckDB file, each in the order of its suite.

    ``facts`` holds, by relation, what its rules are told, by :class:`expectations.rule.Fact`. The file is opened for
    reading only and closed again before this returns, so another process may write to it at once; it must not be open
    in this process meanwhile. A relation, column, file or fact that is absent, and whatever else cannot be judged,
    gives verdicts that are not evaluated. Raises :class:`UnknownRelation` when there is no suite for a relation.
    """
    prepared = {relation: _questions(relation, told) for relation, told in facts.items()}
    asked = {
        rule_id: question for questions, _ in prepared.values() for rule_id, question in questions.items()
    }
    results = _answers(warehouse, tuple(asked.values()), memory_limit) if asked else {}
    return {
        relation: tuple(
            _verdict(rule, questions[rule.id], results.get(rule.id, _SILENT))
            if rule.id in questions
            else _unevaluated(rule, relation, unasked[rule.id])
            for rule in suites()[relation]
        )
        for relation, (questions, unasked) in prepared.items()
    }


_SILENT = Result(is_evaluated=False, is_passed=False, counts={}, problem="Great Expectations gave no result.")


def _questions(relation: str, facts: Mapping[str, int | str]) -> tuple[dict[str, Question], dict[str, str]]:
    """What can be asked of a relation, and of the other rules what is missing, both by rule id."""
    if relation not in suites():
        raise UnknownRelation(
            f"There is no suite for {relation}; add expectations/suites/{relation.partition('.')[2]}.py."
        )
    questions: dict[str, Question] = {}
    unasked: dict[str, str] = {}
    for rule in suites()[relation]:
        try:
            told = {argument: fact_argument(fact, facts) for argument, fact in rule.facts.items()}
        except FactError as error:
            unasked[rule.id] = str(error)
        else:
            questions[rule.id] = Question(
                relation, rule.id, rule.expectation, {**rule.arguments, **told}, rule.query, rule.measures
            )
    return questions, unasked


def _answers(
    warehouse: Path, questions: tuple[Question, ...], memory_limit: str | None
) -> Mapping[str, Result]:
    from expectations.pushdown import ask  # noqa: PLC0415 - seconds to load, and only a judgement needs it

    return ask(warehouse, questions, memory_limit)


def _verdict(rule: Rule, question: Question, result: Result) -> Verdict:
    if not result.is_evaluated:
        return _unevaluated(rule, question.relation, result.problem or "No reason is known.")
    measured = _measured(rule, question, result.counts) | dict(result.measured)
    problem = None if result.is_passed else _breach(rule, measured)
    return Verdict(
        rule_id=rule.id,
        relation=question.relation,
        severity=rule.severity,
        is_evaluated=True,
        is_passed=result.is_passed,
        measured=measured,
        problem=problem,
    )


def _unevaluated(rule: Rule, relation: str, reason: str) -> Verdict:
    return Verdict(
        rule_id=rule.id,
        relation=relation,
        severity=rule.severity,
        is_evaluated=False,
        is_passed=False,
        measured={},
        problem=f"{rule.id} was not evaluated. {reason}",
    )


def _measured(rule: Rule, question: Question, counts: Mapping[str, int]) -> dict[str, int]:
    """Counts under our names. An observed value is a count only where the expectation can observe nothing else."""
    names = {"element_count": "rows", "unexpected_count": "breaking", "missing_count": "missing"}
    measured = {names[key]: count for key, count in counts.items() if key in names}
    observed = counts.get("observed_value")
    expected = question.arguments.get("value")
    if observed is None:
        return measured
    if rule.arguments.get("column") == BREACHES:
        return {"breaking": observed}
    if rule.expectation == "ExpectTableRowCountToEqual" and isinstance(expected, int):
        return {"rows": observed, "expected": expected}
    return measured


def _breach(rule: Rule, measured: Mapping[str, int]) -> str:
    if rule.measures:
        sides = ", ".join(f"{measured.get(name, 'an unknown number of')} {name}" for name in rule.measures)
        found = f"{measured.get('breaking', 'an unknown number of')} rows are out of balance ({sides})"
    elif "expected" in measured:
        found = f"there are {measured['rows']} rows where {measured['expected']} were expected"
    elif "rows" in measured:
        allowed = "none may" if rule.mostly == 1 else f"at most {1 - rule.mostly:.2%} may"
        found = f"{measured.get('breaking', 0)} of {measured['rows']} rows break it, {allowed}"
    elif "missing" in measured:
        found = f"{measured['missing']} expected values are absent and {measured.get('breaking', 0)} are strangers"
    else:
        found = f"{measured.get('breaking', 'an unknown number of')} breaches were counted, none may be"
    return f"{rule.id} is broken: {found}."
