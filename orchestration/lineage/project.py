"""The relations of the dbt project as its manifest tells them: what each is, where it is written, what it reads.

Belongs here: reading the manifest. What SQL does with columns is :mod:`orchestration.lineage.column_lineage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    """The relations of a manifest written by ``dbt compile``; tests, ephemeral models and exposures are left out."""
    kinds = {kind.value for kind in Kind}
    nodes = {
        id_: node
        for id_, node in {**manifest.get("nodes", {}), **manifest.get("sources", {})}.items()
        if node.get("resource_type") in kinds
    }
    if not nodes:
        raise ManifestError("dbt's manifest holds no relation; run `dbt compile` for this warehouse first.")
    names = {id_: Name(node["schema"], _own_name(node)) for id_, node in nodes.items()}
    return Project({names[id_]: _relation(node, names, names[id_]) for id_, node in nodes.items()})


def _own_name(node: Mapping[str, Any]) -> str:
    """The name in the database: a source's identifier, a model's alias."""
    return str(node.get("identifier") or node.get("alias") or node["name"])


def _relation(node: Mapping[str, Any], names: Mapping[str, Name], name: Name) -> Relation:
    parents = node.get("depends_on", {}).get("nodes", [])
    is_sql = node["resource_type"] in {Kind.MODEL, Kind.SNAPSHOT} and node.get("language", "sql") == "sql"
    return Relation(
        name=name,
        kind=Kind(node["resource_type"]),
        file=node.get("original_file_path"),
        materialized=node.get("config", {}).get("materialized"),
        sql=(node.get("compiled_code") or None) if is_sql else None,
        reads=tuple(sorted({names[parent] for parent in parents if parent in names})),
    )
