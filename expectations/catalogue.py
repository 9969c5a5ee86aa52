"""Every suite, found by looking into ``expectations.suites``; nothing is registered by hand.

Reads and checks the rules. It neither judges them nor imports what judges them.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from expectations import suites as suites_package
from expectations.errors import CatalogueError
from expectations.rule import RULE_ID, Rule


@cache
def suites() -> Mapping[str, tuple[Rule, ...]]:
    """The rules by relation (``schema.name``), in order of names.

    Raises :class:`CatalogueError` with every fault at once: a module not named as its relation, an id given twice or
    not in the form ``<LAYER>-<ASPECT>-<NN>``, a suite without rules.
    """
    found: dict[str, tuple[Rule, ...]] = {}
    faults: list[str] = []
    for module_info in pkgutil.iter_modules(suites_package.__path__):
        module = importlib.import_module(f"{suites_package.__name__}.{module_info.name}")
        if module.RELATION.partition(".")[2] != module_info.name:
            faults.append(
                f"the suite of {module.RELATION} stands in {module_info.name}.py; rename the module"
            )
        found[module.RELATION] = module.RULES
    faults += rule_faults(found)
    if faults:
        raise CatalogueError("The suites cannot be used: " + "; ".join(faults) + ".")
    return MappingProxyType(dict(sorted(found.items())))


def rule_faults(found: Mapping[str, tuple[Rule, ...]]) -> list[str]:
    """What is wrong with ids and suites, a clause each; empty when nothing is."""
    ids = Counter(rule.id for rules in found.values() for rule in rules)
    return (
        [
            f"{relation} has no rule; give it one or remove the module"
            for relation, rules in found.items()
            if not rules
        ]
        + [
            f"the id {id_} is given to {count} rules; an id is never reused"
            for id_, count in ids.items()
            if count > 1
        ]
        + [f"{id_} is not of the form LAYER-ASPECT-NN" for id_ in ids if not RULE_ID.fullmatch(id_)]
    )
