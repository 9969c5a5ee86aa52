from collections.abc import Mapping

import pytest

from expectations.errors import FactError
from expectations.rule import Fact, fact_argument


@pytest.mark.parametrize(
    ("fact", "given", "argument"),
    [
        (Fact.DECLARED_ROWS, 82_958, 82_958),
        (Fact.DECLARED_ROWS, 0, 0),
        (Fact.AS_OF, "2022-04-05", "2022-04-06T00:00:00+07:00"),
        (Fact.AS_OF, "2022-12-31", "2023-01-01T00:00:00+07:00"),
        (Fact.FIGURE_IDS, "FIG-SENT FIG-NOT-SENT", ["FIG-SENT", "FIG-NOT-SENT"]),
    ],
)
def test_a_fact_becomes_the_argument_of_its_rule(fact: Fact, given: int | str, argument: object) -> None:
    assert fact_argument(fact, {fact.value: given}) == argument


@pytest.mark.parametrize(
    ("fact", "facts"),
    [
        (Fact.DECLARED_ROWS, {}),
        (Fact.DECLARED_ROWS, {"declared_rows": "82958"}),
        (Fact.AS_OF, {"as_of": 20220405}),
        (Fact.AS_OF, {"as_of": "05/04/2022"}),
        (Fact.AS_OF, {"as_of": "9999-12-31"}),
        (Fact.FIGURE_IDS, {"figure_ids": " "}),
    ],
)
def test_a_fact_that_is_absent_or_unreadable_is_refused_without_repeating_it(
    fact: Fact, facts: Mapping[str, int | str]
) -> None:
    with pytest.raises(FactError, match=fact.value) as refusal:
        fact_argument(fact, facts)
    assert all(
        str(value).strip() not in str(refusal.value) or not str(value).strip() for value in facts.values()
    )
