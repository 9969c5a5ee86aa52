"""The bill of materials of a source tree as CycloneDX 1.6: the same tree gives the same text.

It says what manifests and locks name; licences and known weaknesses of the packages are not looked up.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from cyclonedx.model import Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component as Part
from cyclonedx.model.component import ComponentType, Swhid
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from handover.inventory.trees.dependencies import Dependency, Ecosystem

_SERIALS = uuid.UUID("5c1b6d0e-3f0b-5f0a-9c39-0d4b2a6b7f11")
"""Names the space in which a tree's bill has its serial number."""


def cyclonedx(name: str, swhid: str | None, dependencies: Iterable[Dependency]) -> str:
    """The bill of the tree of that name, as JSON.

    It carries no time: it is a fact of the tree, not of the day. Its serial number follows from the tree's
    id, or from the name where the tree has none.
    """
    root = Part(name=name, type=ComponentType.APPLICATION, bom_ref=name)
    if swhid:
        root.swhids.add(Swhid(swhid))
    bom = Bom(
        components=[_part(each) for each in dependencies],
        serial_number=uuid.uuid5(_SERIALS, swhid or name),
        metadata=BomMetaData(component=root),
    )
    bom.metadata.timestamp = None  # type: ignore[assignment]  # written so, and read so by the writer
    bom.register_dependency(root, bom.components)
    return JsonV1Dot6(bom).output_as_string(indent=1)


def _part(dependency: Dependency) -> Part:
    group, _, name = dependency.name.rpartition(":" if dependency.ecosystem is Ecosystem.MAVEN else "/")
    purl = PackageURL(dependency.ecosystem, group or None, name, dependency.version)
    return Part(
        name=name,
        group=group or None,
        version=dependency.version,
        type=ComponentType.LIBRARY,
        purl=purl,
        bom_ref=purl.to_string(),
        properties=[Property(name="named_in", value=str(dependency.named_in))],
    )
