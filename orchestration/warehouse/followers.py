"""Who follows whose changes, and who reads whom: what dbt's manifest says of the models that a day is brought into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CHANGES = "int_changes"
"""The relation that says whose rows the days change; all that follow stand behind it."""
OUTCOME_CHANGES = "int_changes__outcomes"
"""The same for what stands on the register's answers."""


@dataclass(frozen=True)
class Models:
    """Models and seeds, by their names."""

    followers: Mapping[str, str | None]
    """By model that follows: the relation of changes it takes its subjects from; None for distinct values."""
    parents: Mapping[str, frozenset[str]]
    """What each relation reads; what is no relation (ephemeral models) is looked through."""
    seeds: frozenset[str]

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> Models:
        """Read them from a manifest."""
        nodes = {
            id_: node for id_, node in manifest["nodes"].items() if node["resource_type"] in {"model", "seed"}
        }
        read = {
            node["name"]: frozenset(
                nodes[parent]["name"]
                for parent in node.get("depends_on", {}).get("nodes", ())
                if parent in nodes
            )
            for node in nodes.values()
        }
        kept = {n["name"] for n in nodes.values() if n["config"]["materialized"] != "ephemeral"}
        return cls(
            followers={
                node["name"]: node["config"]["meta"]["follows"]["changes"]
                for node in nodes.values()
                if node["config"]["materialized"] == "follows"
            },
            parents={name: frozenset(_relations(read, kept, name)) for name in kept},
            seeds=frozenset(n["name"] for n in nodes.values() if n["resource_type"] == "seed"),
        )

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Those that follow the changes of outcomes, each behind what it reads."""
        found = (name for name, changes in self.followers.items() if changes == OUTCOME_CHANGES)
        return tuple(sorted(found, key=lambda name: (len(self.before([name])), name)))

    def before(self, names: Iterable[str]) -> frozenset[str]:
        """What these read, however far, without themselves."""
        reached: set[str] = set()
        waiting = list(names)
        while waiting:
            new = self.parents.get(waiting.pop(), frozenset()) - reached
            reached |= new
            waiting += new
        return frozenset(reached) - frozenset(names)


def _relations(read: Mapping[str, frozenset[str]], kept: set[str], name: str) -> Iterable[str]:
    for parent in read[name]:
        if parent in kept:
            yield parent
        else:
            yield from _relations(read, kept, parent)
