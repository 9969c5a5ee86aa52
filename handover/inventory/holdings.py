"""Which files of a sealed delivery belong to which component and deliverable.

A file belongs where the declaration puts it, or else where its folder does (``<deliverable>/<component>/``).
What the files are is the business of the inventories.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from handover.declaration import DeclaredComponent
from handover.parts import Component, Deliverable
from handover.sealed import SealedDelivery, SealedFile


def declared_paths(
    delivery: SealedDelivery, component: Component, deliverable: Deliverable
) -> tuple[PurePosixPath, ...]:
    """The paths that the declaration names for one cell: a folder for source, files for the others."""
    declared = delivery.declaration.components.get(component)
    return _paths(declared, deliverable) if declared else ()


def files_of(
    delivery: SealedDelivery, component: Component, deliverable: Deliverable
) -> tuple[SealedFile, ...]:
    """The files of one cell, by path: those declared and those that lie in its folder."""
    folders = places_of(delivery, component, deliverable)
    return tuple(each for each in delivery.files if folders & {each.path, *each.path.parents})


def places_of(
    delivery: SealedDelivery, component: Component, deliverable: Deliverable
) -> frozenset[PurePosixPath]:
    """The folders and files that make up one cell."""
    declared = declared_paths(delivery, component, deliverable)
    return frozenset({PurePosixPath(deliverable, component), *declared})


def absent(
    delivery: SealedDelivery, component: Component, deliverable: Deliverable
) -> tuple[PurePosixPath, ...]:
    """Declared paths under which there is no file."""
    present = files_of(delivery, component, deliverable)
    reached = {path for each in present for path in (each.path, *each.path.parents)}
    return tuple(path for path in declared_paths(delivery, component, deliverable) if path not in reached)


def _paths(declared: DeclaredComponent, deliverable: Deliverable) -> tuple[PurePosixPath, ...]:
    match deliverable:
        case Deliverable.SOURCE:
            return (declared.source.path,) if declared.source else ()
        case Deliverable.INSTALLERS:
            return tuple(each.path for each in declared.installers)
        case Deliverable.DATABASE:
            return (declared.database.path,) if declared.database else ()
        case Deliverable.DOCUMENTS:
            return tuple(each.path for each in declared.documents)
