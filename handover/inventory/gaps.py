"""What a cell as a whole lacks or has twice: declared paths, required kinds of documents, files that documents name,
copies, versions that differ.

Looks at names, digests and the declaration; opening files is the business of the inventories of each deliverable.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from handover.findings import Finding, finding
from handover.inventory.documents import Document
from handover.inventory.holdings import absent, files_of
from handover.parts import Component, Deliverable, DocumentKind
from handover.sealed import SealedDelivery

_ABSENT = {
    Deliverable.SOURCE: "HND-SRC-18",
    Deliverable.INSTALLERS: "HND-INS-05",
    Deliverable.DOCUMENTS: "HND-DOC-07",
}
_TWICE = {Deliverable.INSTALLERS: "HND-INS-06", Deliverable.DOCUMENTS: "HND-DOC-08"}


def gaps(
    delivery: SealedDelivery, component: Component, deliverable: Deliverable, documents: Sequence[Document]
) -> tuple[Finding, ...]:
    """The findings about one cell of files as a whole; ``documents`` are all that were inventoried."""
    found = [
        finding(_ABSENT[deliverable], path, "is declared, but nothing lies there")
        for path in absent(delivery, component, deliverable)
    ]
    if deliverable in _TWICE:
        found += _copies(delivery, component, deliverable)
    if deliverable is Deliverable.INSTALLERS:
        found += _other_versions(delivery, component)
    if deliverable is Deliverable.DOCUMENTS:
        found += _missing_kinds(component, documents)
        found += _not_handed_over(delivery, component, documents)
    return tuple(found)


def _copies(delivery: SealedDelivery, component: Component, deliverable: Deliverable) -> Iterator[Finding]:
    same: dict[str, list[PurePosixPath]] = defaultdict(list)
    for each in files_of(delivery, component, deliverable):
        if each.size:
            same[each.sha256].append(each.path)
    for first, *others in same.values():
        for path in others:
            yield finding(_TWICE[deliverable], path, f"holds the same as {first}")


def _other_versions(delivery: SealedDelivery, component: Component) -> Iterator[Finding]:
    declared = delivery.declaration.components.get(component)
    if declared and declared.source:
        for each in declared.installers:
            if each.version != declared.source.version:
                message = "is declared to be of another version than the component's source"
                yield finding("HND-INS-07", each.path, message)


def _missing_kinds(component: Component, documents: Sequence[Document]) -> Iterator[Finding]:
    there = {each.kind for each in documents if each.component is component}
    folder = PurePosixPath(Deliverable.DOCUMENTS, component)
    for kind in DocumentKind:
        if kind not in there:
            yield finding("HND-DOC-09", folder, f"holds no document of the kind {kind}")


def _not_handed_over(
    delivery: SealedDelivery, component: Component, documents: Sequence[Document]
) -> Iterator[Finding]:
    """Files that the component's documents name and that lie nowhere in the delivery, in whatever case."""
    there = {_folded(each.path.name) for each in delivery.files}
    for document in documents:
        if document.component is component:
            for name in document.mentions.files:
                if _folded(name) not in there:
                    yield finding("HND-DOC-13", document.path, f"names {name}, which isn't in the delivery")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
