"""The four products as their vendor names and numbers them, and the day on which all of it was packed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import PurePosixPath
from types import MappingProxyType

from handover.parts import Component
from handover.synthetic.material.templates import data_yaml

PACKED_AT = datetime(2022, 4, 5, tzinfo=UTC)
"""Time stamp of everything that is packed, so that the same material has the same bytes."""


@dataclass(frozen=True)
class Product:
    """One component as a product: ``code`` names files, ``name`` is Vietnamese, ``migrations`` a source folder."""

    component: Component
    code: str
    name: str
    version: str
    migrations: PurePosixPath

    @property
    def context(self) -> Mapping[str, object]:
        """What templates may use."""
        return {
            "component": str(self.component),
            "code": self.code,
            "name": self.name,
            "version": self.version,
        }


@cache
def products() -> Mapping[Component, Product]:
    """Every component's product, in the order of ``Component``."""
    document = data_yaml("products.yml")
    return MappingProxyType(
        {
            each: Product(
                component=each,
                code=document[each]["code"],
                name=document[each]["name"],
                version=document[each]["version"],
                migrations=PurePosixPath(document[each]["migrations"]),
            )
            for each in Component
        }
    )
