"""What the documents really are: format by content, length, whether text can be read, title, language.

One record per document, with what is wrong with it. Opening each format is the business of ``formats``;
which kinds of documents a component owes is judged in completeness.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from handover.declaration import DeclaredDocument
from handover.findings import Finding, finding
from handover.inventory.confinement import ConfinedReader
from handover.inventory.contents import (
    DocumentBeyondLimitsError,
    DocumentEncryptedError,
    DocumentFormat,
    DocumentUnreadableError,
    Facts,
)
from handover.inventory.endpoints import endpoints_not_in
from handover.inventory.holdings import files_of
from handover.inventory.mentions import NOTHING, Mentions, mentions_of
from handover.inventory.prose import Language, language_of
from handover.parts import Component, Deliverable, DocumentKind
from handover.sealed import SealedDelivery, SealedFile

SUFFIXES = {
    DocumentFormat.PDF: {".pdf"},
    DocumentFormat.DOCX: {".docx"},
    DocumentFormat.XLSX: {".xlsx"},
    DocumentFormat.MARKDOWN: {".md", ".markdown"},
    DocumentFormat.HTML: {".html", ".htm"},
    DocumentFormat.TEXT: {".txt", ".csv", ".json", ".yml", ".yaml", ".sql", ".xml"},
}
"""The endings under which a format may rightly stand."""


@dataclass(frozen=True)
class Document:
    """One document: path relative to ``data/``, kind and title as declared (None: not declared), and its facts.

    ``length`` counts the format's own units (``unit``: page, sheet, paragraph, line); None where unreadable.
    ``language`` is None where there is too little text to tell; ``mentions`` are of the beginning only, unless
    ``is_whole``; ``is_traced`` says whether the endpoints that an API document names were looked for in the source.
    """

    component: Component
    path: PurePosixPath
    kind: DocumentKind | None
    declared_title: str | None
    format: DocumentFormat
    length: int | None
    unit: str | None
    has_text: bool
    title: str | None
    size: int
    findings: tuple[Finding, ...]
    language: Language | None = None
    mentions: Mentions = NOTHING
    is_whole: bool = False
    is_traced: bool = False


def inventory_documents(delivery: SealedDelivery) -> tuple[Document, ...]:
    """Every component's documents, in the order of ``Component`` and path."""
    with ConfinedReader() as reader:
        return tuple(
            _traced(delivery, _document(reader, component, file, declared.get(file.path)))
            for component in Component
            for declared in [_declared(delivery, component)]
            for file in files_of(delivery, component, Deliverable.DOCUMENTS)
        )


def _declared(delivery: SealedDelivery, component: Component) -> dict[PurePosixPath, DeclaredDocument]:
    found = delivery.declaration.components.get(component)
    return {each.path: each for each in found.documents} if found else {}


def _document(
    reader: ConfinedReader, component: Component, file: SealedFile, declared: DeclaredDocument | None
) -> Document:
    facts, findings = _facts(reader, file)
    language = language_of(facts.text)
    if declared is None:
        message = "lies in the delivery, but isn't declared"
        findings.append(finding("HND-DOC-05", file.path, message))
    elif declared.kind is DocumentKind.USER_GUIDE and language not in (None, Language.VIETNAMESE):
        message = "is a user guide that is not in Vietnamese"
        findings.append(finding("HND-DOC-12", file.path, message, f"language {language}"))
    return Document(
        component=component,
        path=file.path,
        kind=declared.kind if declared else None,
        declared_title=declared.title if declared else None,
        format=facts.format,
        length=facts.length,
        unit=facts.unit,
        has_text=facts.has_text,
        title=facts.title,
        size=file.size,
        findings=tuple(findings),
        language=language,
        mentions=mentions_of(facts.text, declared.kind if declared else None),
        is_whole=facts.is_whole and facts.has_text,
    )


def _traced(delivery: SealedDelivery, document: Document) -> Document:
    """An API document whose endpoints were looked for in its component's source; any other as it is."""
    if document.kind is not DocumentKind.API or not document.mentions.endpoints:
        return document
    try:
        source = files_of(delivery, document.component, Deliverable.SOURCE)
        lost = endpoints_not_in(document.mentions.endpoints, source)
    except OSError:  # the inventory of the source says which
        return document
    if lost is None:
        return document
    found = (
        finding("HND-DOC-17", document.path, f"names {each}, which the source doesn't know") for each in lost
    )
    return replace(document, is_traced=True, findings=(*document.findings, *found))


def _facts(reader: ConfinedReader, file: SealedFile) -> tuple[Facts, list[Finding]]:
    unreadable = Facts(DocumentFormat.UNKNOWN, None, None, has_text=False, title=None)
    if file.size == 0:
        return unreadable, [finding("HND-DOC-02", file.path, "is empty")]
    try:
        facts = reader.read(file.location, file.path.suffix.lower())
    except DocumentEncryptedError as error:
        return unreadable, [finding("HND-DOC-10", file.path, str(error))]
    except DocumentBeyondLimitsError as error:
        return unreadable, [finding("HND-DOC-11", file.path, str(error))]
    except DocumentUnreadableError as error:
        return unreadable, [finding("HND-DOC-01", file.path, str(error))]
    except OSError as error:
        message = f"can't be read from the vault ({error.strerror}); run the vault's verification"
        return unreadable, [finding("HND-DOC-01", file.path, message)]
    return facts, _judgement(file, facts)


def _judgement(file: SealedFile, facts: Facts) -> list[Finding]:
    findings = []
    if facts.format is DocumentFormat.UNKNOWN:
        message = f"is of no format that we read (by content perhaps {facts.media_type or 'nothing known'})"
        findings.append(finding("HND-DOC-06", file.path, message))
    elif not facts.has_text:
        message = "has no text that can be read: a scan, or nothing in it"
        findings.append(finding("HND-DOC-03", file.path, message))
    right = SUFFIXES.get(facts.format)
    if right and file.path.suffix.lower() not in right:
        message = f"is {facts.format} by its content, which its name doesn't say"
        findings.append(finding("HND-DOC-04", file.path, message))
    return findings
