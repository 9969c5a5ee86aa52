"""The relations of the dbt project as its manifest tells them: what each is, where it is written, what it reads.

Belongs here: reading the manifest. What SQL does with columns is :mod:`orchestration.lineage.column_lineage`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter
from typing import Any


class Kind(StrEnum):
    """What a relation is to dbt. ``UNDECLARED`` is read by a model without being declared."""

    MODEL = "model"
    SEED = "seed"
    SNAPSHOT = "snapshot"
    SOURCE = "source"
    UNDECLARED = "undeclared"


class ManifestError(ValueError):
    """dbt's manifest does not hold what a trace needs."""


@dataclass(frozen=True, order=True)
class Name:
    """A relation's name: its schema (= stage) and its own."""

    schema: str
    relation: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.relation}"


@dataclass(frozen=True)
class Relation:
    """One relation. ``sql`` is the compiled select, ``None`` where there is none; ``reads`` are its parents."""

    name: Name
    kind: Kind
    file: str | None
    materialized: str | None
    sql: str | None
    reads: tuple[Name, ...]


@dataclass(frozen=True)
class Project:
    """All relations of the manifest, by name."""

    relations: Mapping[Name, Relation]

    def relation(self, name: Name) -> Relation:
        """The relation of that name; one that the manifest does not hold comes back as undeclared."""
        undeclared = Relation(name, Kind.UNDECLARED, None, None, None, ())
        return self.relations.get(name, undeclared)

    def upstream(self, names: Iterable[Name]) -> tuple[Relation, ...]:
        """These relations and everything they read, however far, nearest first."""
        reached: dict[Name, tuple[Name, ...]] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached[name] = self.relation(name).reads
                waiting += reached[name]
        return self.in_order(reached)

    def in_order(self, names: Iterable[Name]) -> tuple[Relation, ...]:
        """These relations, each before what it reads; raises :class:`ManifestError` on a circle."""
        kept = sorted(set(names))
        sorter = TopologicalSorter({name: self._readers_among(name, kept) for name in kept})
        try:
            return tuple(self.relation(name) for name in sorter.static_order())
        except CycleError as error:
            raise ManifestError(
                "Models of dbt's manifest read each other in a circle; parse it again."
            ) from error

    def _readers_among(self, name: Name, kept: list[Name]) -> list[Name]:
        return [reader for reader in kept if name in self.relation(reader).reads]


def read_project(manifest: Mapping[str, Any]) -> Project:
    """The relations of a manifest with compiled code. What is no relation (tests, ephemeral models) is left out.

    A relation that reads an ephemeral model reads what that model reads: its SQL holds the model's.
    """
    every = {**manifest.get("nodes", {}), **manifest.get("sources", {})}
    names = {id_: Name(node["schema"], _own_name(node)) for id_, node in every.items() if _is_relation(node)}
    if not names:
        raise ManifestError("dbt's manifest holds no relation; run `dbt compile` for this warehouse first.")
    reads = {id_: tuple(sorted({names[parent] for parent in _parents(every, names, id_)})) for id_ in names}
    return Project({name: _relation(every[id_], name, reads[id_]) for id_, name in names.items()})


def _is_relation(node: Mapping[str, Any]) -> bool:
    kinds = {kind.value for kind in Kind}
    return node.get("resource_type") in kinds and node.get("config", {}).get("materialized") != "ephemeral"


def _parents(every: Mapping[str, Mapping[str, Any]], names: Collection[str], id_: str) -> Iterable[str]:
    """The nodes among ``names`` that this one reads, looking through what is no relation."""
    for parent in every.get(id_, {}).get("depends_on", {}).get("nodes", []):
        if parent in names:
            yield parent
        else:
            yield from _parents(every, names, parent)


def _own_name(node: Mapping[str, Any]) -> str:
    """The name in the database: a source's identifier, a model's alias."""
    return str(node.get("identifier") or node.get("alias") or node["name"])


def _relation(node: Mapping[str, Any], name: Name, reads: tuple[Name, ...]) -> Relation:
    is_sql = node["resource_type"] in {Kind.MODEL, Kind.SNAPSHOT} and node.get("language", "sql") == "sql"
    return Relation(
        name=name,
        kind=Kind(node["resource_type"]),
        file=node.get("original_file_path"),
        materialized=node.get("config", {}).get("materialized"),
        sql=(node.get("compiled_code") or None) if is_sql else None,
        reads=reads,
    )
