import subprocess
import sys
from dataclasses import replace

import pytest

from expectations import catalogue
from expectations.rule import RULE_ID, Rule
from expectations.verdict import Severity

RULES = [rule for rules in catalogue.suites().values() for rule in rules]


def rule(id_: str) -> Rule:
    return Rule(id_, Severity.CRITICAL, "It is so.", "Đúng vậy.", "A test.", "ExpectColumnValuesToNotBeNull")


def test_reading_the_rules_imports_no_great_expectations() -> None:
    code = (
        "import sys; from expectations import catalogue, runner; catalogue.suites();"
        " sys.exit(any(name.split('.')[0] in ('great_expectations', 'sqlalchemy', 'duckdb') for name in sys.modules))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_every_stage_of_the_way_has_a_gate() -> None:
    assert {relation.split(".")[0] for relation in catalogue.suites()} == {
        "raw",
        "staging",
        "cleansing",
        "verification",
        "marts",
        "report",
    }


@pytest.mark.parametrize("relation", catalogue.suites())
def test_every_suite_can_stop_what_comes_behind_it(relation: str) -> None:
    assert any(r.severity is Severity.CRITICAL for r in catalogue.suites()[relation])


def test_ids_are_quotable_and_given_once() -> None:
    ids = [r.id for r in RULES]
    assert [id_ for id_ in ids if not RULE_ID.fullmatch(id_)] == []
    assert len(set(ids)) == len(ids)


def test_every_rule_says_in_both_languages_what_it_claims_and_on_whose_word() -> None:
    assert [r.id for r in RULES if not (r.claim_en.endswith(".") and r.claim_vi.endswith("."))] == []
    assert [r.id for r in RULES if r.claim_vi.isascii()] == []
    assert [r.id for r in RULES if len(r.origin) < len("A test.")] == []


def test_a_threshold_names_its_origin() -> None:
    lenient = [r for r in RULES if r.mostly < 1]
    assert lenient
    assert [r.id for r in lenient if not ("our own choice" in r.origin or "%" in r.origin)] == []


def test_a_suite_without_rules_an_id_given_twice_and_one_out_of_form_are_told_together() -> None:
    faults = catalogue.rule_faults(
        {"raw.a": (rule("RAW-KEY-01"), rule("raw-1")), "raw.b": (rule("RAW-KEY-01"),), "raw.c": ()}
    )
    assert faults == [
        "raw.c has no rule; give it one or remove the module",
        "the id RAW-KEY-01 is given to 2 rules; an id is never reused",
        "raw-1 is not of the form LAYER-ASPECT-NN",
    ]


def test_a_rule_is_frozen_data() -> None:
    with pytest.raises(AttributeError):
        rule("RAW-KEY-01").severity = Severity.WARNING  # type: ignore[misc]
    assert replace(rule("RAW-KEY-01"), severity=Severity.WARNING).severity is Severity.WARNING
