"""Write the source, installers and documents of all four components below a bag's ``data/`` folder.

Says for each component what its declaration has to name. Dumps, declaration and bag are made by others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from handover.declaration import DeclaredDocument, DeclaredInstaller, DeclaredSource
from handover.parts import Component, Deliverable
from handover.synthetic.material.documents import documents
from handover.synthetic.material.formats import written
from handover.synthetic.material.installers import installer
from handover.synthetic.material.products import Product, products
from handover.synthetic.material.source import Tree, source_tree, tree_id


@dataclass(frozen=True)
class MaterialOfComponent:
    """What the declaration says of one component but for its database; paths are relative to ``data/``."""

    source: DeclaredSource
    installers: tuple[DeclaredInstaller, ...]
    documents: tuple[DeclaredDocument, ...]


def write_material(data: Path) -> Mapping[Component, MaterialOfComponent]:
    """Write everything below ``data``; the same bytes at the same paths every time.

    Raises OSError when a file can't be written.
    """
    return {each: _write_component(data, product) for each, product in products().items()}


def _write_component(data: Path, product: Product) -> MaterialOfComponent:
    source = source_tree(product)
    return MaterialOfComponent(
        source=_write_source(data, product, source),
        installers=(_write_installer(data, product, source),),
        documents=_write_documents(data, product),
    )


def _write_source(data: Path, product: Product, source: Tree) -> DeclaredSource:
    folder = PurePosixPath(Deliverable.SOURCE, product.component)
    for path, content in source.items():
        _write(data, folder / path, content)
    return DeclaredSource(folder, product.version, tree_id(source))


def _write_installer(data: Path, product: Product, source: Tree) -> DeclaredInstaller:
    name, content = installer(product, source)
    path = PurePosixPath(Deliverable.INSTALLERS, product.component, name)
    _write(data, path, content)
    return DeclaredInstaller(path, product.version)


def _write_documents(data: Path, product: Product) -> tuple[DeclaredDocument, ...]:
    declared = []
    for each in documents(product):
        path = PurePosixPath(Deliverable.DOCUMENTS, product.component, each.file)
        _write(data, path, written(each))
        declared.append(DeclaredDocument(path, each.kind, each.title))
    return tuple(declared)


def _write(data: Path, path: PurePosixPath, content: bytes) -> None:
    location = data / path
    location.parent.mkdir(parents=True, exist_ok=True)
    location.write_bytes(content)
