"""The installers of a delivery, and what is wrong with each: what it is, what it says of itself, what was declared.

A file's name decides nothing here. Reading the formats is the business of ``packaging``; what a cell as a whole
lacks or has twice is judged in ``gaps``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from handover.declaration import DeclaredSource
from handover.findings import Finding, finding
from handover.inventory.archives import ArchiveUnreadableError
from handover.inventory.holdings import files_of
from handover.inventory.packaging.claims import agree, is_unreleased
from handover.inventory.packaging.identification import identify
from handover.inventory.packaging.insides import INSTALLABLE, Insides, InstallerType
from handover.inventory.packaging.provenance import Standing, standing
from handover.parts import Component, Deliverable
from handover.sealed import SealedDelivery, SealedFile

_REFUSED_UNSIGNED = frozenset({InstallerType.APK, InstallerType.AAB, InstallerType.IPA})
"""Types that devices or stores refuse without a signature; the others only warn."""


@dataclass(frozen=True)
class Installer:
    """One installer: path relative to ``data/``, type by content, version declared, version and commit it carries.

    ``build`` counts the builds of a version; ``commit`` is what the installer claims to be built from, in hex.
    """

    component: Component
    path: PurePosixPath
    type: InstallerType
    declared_version: str | None
    version: str | None
    build: str | None
    commit: str | None
    sha256: str
    size: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Cell:
    """What the installers of one component are compared with."""

    component: Component
    versions: dict[PurePosixPath, str]
    source: DeclaredSource | None
    source_files: tuple[SealedFile, ...]


def inventory_installers(delivery: SealedDelivery) -> tuple[Installer, ...]:
    """Every component's installers, in the order of ``Component`` and path."""
    return tuple(
        _installer(cell, file)
        for cell in (_cell(delivery, each) for each in Component)
        for file in files_of(delivery, cell.component, Deliverable.INSTALLERS)
    )


def _cell(delivery: SealedDelivery, component: Component) -> _Cell:
    declared = delivery.declaration.components.get(component)
    return _Cell(
        component,
        {each.path: each.version for each in declared.installers} if declared else {},
        declared.source if declared else None,
        files_of(delivery, component, Deliverable.SOURCE),
    )


def _installer(cell: _Cell, file: SealedFile) -> Installer:
    insides = Insides(InstallerType.UNKNOWN)
    try:
        insides = identify(file.location)
    except ArchiveUnreadableError as error:
        findings = [finding("HND-INS-01", file.path, str(error))]
    except OSError as error:
        message = f"can't be read from the vault ({error.strerror}); run the vault's verification"
        findings = [finding("HND-INS-01", file.path, message)]
    else:
        findings = list(_judgement(cell, file, insides))
    return Installer(
        component=cell.component,
        path=file.path,
        type=insides.type,
        declared_version=cell.versions.get(file.path),
        version=next(iter(insides.versions), None),
        build=insides.build,
        commit=insides.commit,
        sha256=file.sha256,
        size=file.size,
        findings=tuple(findings),
    )


def _judgement(cell: _Cell, file: SealedFile, insides: Insides) -> Iterator[Finding]:
    if file.path not in cell.versions:
        yield finding("HND-INS-04", file.path, "lies in the delivery, but isn't declared")
    if insides.type not in INSTALLABLE:
        message = "is empty" if file.size == 0 else f"is nothing that installs (by content: {insides.type})"
        yield finding("HND-INS-02", file.path, message)
        return
    yield from _other_version(cell, file.path, insides)
    yield from _provenance(cell, file.path, insides)
    yield from _debug_build(file.path, insides)
    if insides.is_signed is False:
        finding_id = "HND-INS-11" if insides.type in _REFUSED_UNSIGNED else "HND-INS-12"
        yield finding(finding_id, file.path, "holds no signature")


def _other_version(cell: _Cell, path: PurePosixPath, insides: Insides) -> Iterator[Finding]:
    """The version carried beside the declared ones; where the declaration itself differs, ``gaps`` says so."""
    declared = cell.versions.get(path)
    if declared and insides.versions and not agree(declared, insides.versions):
        yield finding("HND-INS-03", path, "carries another version than is declared for it")
    source = cell.source.version if cell.source else None
    if source and insides.versions and declared in (None, source) and not agree(source, insides.versions):
        yield finding("HND-INS-07", path, "carries another version than the component's source")


def _provenance(cell: _Cell, path: PurePosixPath, insides: Insides) -> Iterator[Finding]:
    """The commit claimed beside the source's history; where that can't tell, beside the declared commit."""
    if insides.commit is None:
        yield finding("HND-INS-09", path, "doesn't say from which commit it was built")
        return
    declared = cell.source.commit if cell.source else None
    match standing(insides.commit, cell.source_files):
        case Standing.NOT_THERE:
            message = "claims to be built from a commit that the source's history doesn't have"
            yield finding("HND-INS-08", path, message, f"commit {insides.commit}")
        case Standing.UNTOLD if not (declared or "").lower().startswith(insides.commit):
            message = "claims a commit that can't be compared: the source's history didn't come whole"
            yield finding("HND-INS-09", path, message, f"commit {insides.commit}")


def _debug_build(path: PurePosixPath, insides: Insides) -> Iterator[Finding]:
    marks = list(insides.debug_marks)
    if any(is_unreleased(each) for each in insides.versions):
        marks.append("its version is one under development")
    if marks:
        yield finding("HND-INS-10", path, "is a debug build: " + "; ".join(marks))
