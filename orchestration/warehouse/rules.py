"""The catalogue of cleansing rules as the platform reads it: the seed ``cleansing_rules``, version by version.

What a rule looks for stands in the models; which version of it a rule set has, stands here as data.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass

from orchestration.warehouse.errors import WarehouseError
from orchestration.warehouse.project import PROJECT

CATALOGUE = PROJECT / "seeds" / "cleansing_rules.csv"


@dataclass(frozen=True)
class CleansingRule:
    """One version of a rule. ``until`` is the last rule set that has it, None while it is in force."""

    id: str
    version: int
    since: int
    until: int | None
    effective_from: str
    grain: str
    field: str
    severity: str
    vi: str
    en: str
    proposes: str
    source: str

    def is_in(self, rule_set: int) -> bool:
        """Whether that rule set has this version."""
        return self.since <= rule_set and (self.until is None or rule_set <= self.until)


def cleansing_rules() -> tuple[CleansingRule, ...]:
    """Every version of every rule, in the catalogue's order."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return tuple(
            CleansingRule(
                id=row["rule_id"],
                version=int(row["rule_version"]),
                since=int(row["since_rule_set"]),
                until=int(row["until_rule_set"]) if row["until_rule_set"] else None,
                effective_from=row["effective_from"],
                grain=row["grain"],
                field=row["field"],
                severity=row["severity"],
                vi=row["finds_vi"],
                en=row["finds"],
                proposes=row["proposes"],
                source=row["source"],
            )
            for row in csv.DictReader(file)
        )


def newest_rule_set() -> int:
    """The rule set in force."""
    return max(rule.since for rule in cleansing_rules())


def rule_set(number: int) -> tuple[CleansingRule, ...]:
    """The rules of one set; raises :class:`WarehouseError` when there is no such set."""
    if not 1 <= number <= newest_rule_set():
        raise WarehouseError(f"There is no rule set {number}; there are 1 to {newest_rule_set()}.")
    return tuple(rule for rule in cleansing_rules() if rule.is_in(number))


def variables_of(number: int) -> dict[str, object]:
    """dbt's variables that make the models judge by that set: older versions by number, absent rules as 0."""
    versions = {rule.id: rule.version for rule in rule_set(number)}
    current = {rule.id: rule.version for rule in rule_set(newest_rule_set())}
    every = {rule.id for rule in cleansing_rules()}
    spoken = {
        rule_id: versions.get(rule_id, 0)
        for rule_id in sorted(every)
        if versions.get(rule_id) != current.get(rule_id)
    }
    return {"rule_set": number, "rule_versions": spoken}
