"""`python -m tests.bench.recall [--scale S]`: of every fault planted in a synthetic country, how many its rule finds.

Also how many findings a rule has where nothing was planted for it: chance (a person born on the first of January), a
planted wrong field seen as evidence, or an error of the rule. Prints Markdown for docs/reference/rule-recall.md.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from handover.synthetic.country import make_country
from tests.integration.synthetic_country import (
    ALSO_BY_CHANCE,
    RULE_OF_DOSE_FAULT,
    RULE_OF_FAULT,
    built_country,
    findings_beside,
    recall,
)


def lines(path: Path) -> Iterator[str]:
    """The table: planted, found, recall, and findings where nothing was planted for the rule."""
    yield "| rule | planted fault | planted | found | recall |"
    yield "|---|---|---|---|---|"
    for grain, rules in (("subject", RULE_OF_FAULT), ("dose", RULE_OF_DOSE_FAULT)):
        for fault, rule, planted, found in recall(path, grain, rules):
            yield f"| `{rule}` | {fault} | {planted:,} | {found:,} | {found / planted:.3f} |"
    yield "\n| rule | findings | where nothing was planted for it | why |"
    yield "|---|---|---|---|"
    for grain, rules in (("subject", RULE_OF_FAULT), ("dose", RULE_OF_DOSE_FAULT)):
        for rule, (found, beside) in findings_beside(path, grain, rules).items():
            why = "evidence or chance" if rule in ALSO_BY_CHANCE and beside else ""
            yield f"| `{rule}` | {found:,} | {beside:,} | {why} |"


def main() -> None:
    """Make a country, cleanse it, print both tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.recall", description=__doc__)
    parser.add_argument("--scale", type=float, default=0.001)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="recall-") as folder:
        country = Path(folder) / "country"
        make_country(country, scale=asked.scale, seed=1)
        print("\n".join(lines(built_country(country))))


if __name__ == "__main__":
    main()
