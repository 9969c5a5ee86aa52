"""What the installers really are: type by content, version they carry, digest.

A file's name decides nothing here. Opening archives safely is the business of ``archives``; whether an
installer agrees with the source is judged elsewhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from handover.findings import Finding, finding
from handover.inventory.archives import (
    ArchiveUnreadableError,
    ar_members,
    is_encrypted,
    tar_members,
    unpacked_tar,
    zip_member,
    zip_members,
)
from handover.inventory.holdings import files_of
from handover.parts import Component, Deliverable
from handover.vault import SealedDelivery, SealedFile


class InstallerType(StrEnum):
    """What a file is by its content."""

    CONTAINER_IMAGE = "container_image"
    WAR = "war"
    EAR = "ear"
    JAR = "jar"
    APK = "apk"
    AAB = "aab"
    IPA = "ipa"
    DEB = "deb"
    RPM = "rpm"
    EXE = "exe"
    MSI = "msi"
    ZIP = "zip"
    TAR = "tar"
    UNKNOWN = "unknown"


INSTALLABLE = frozenset(InstallerType) - {InstallerType.ZIP, InstallerType.TAR, InstallerType.UNKNOWN}
"""Types that install something by themselves."""

_HEADS = (
    (b"\xed\xab\xee\xdb", InstallerType.RPM),
    (b"MZ", InstallerType.EXE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", InstallerType.MSI),
)
_MANIFEST = "META-INF/MANIFEST.MF"
_VERSION_LINE = re.compile(
    r"^(?:Implementation-Version|Bundle-Version|Version):[ \t]*(\S+)[ \t\r]*$", re.MULTILINE
)
_TAR_WANTED = frozenset({"manifest.json", "index.json", "oci-layout"})


@dataclass(frozen=True)
class Installer:
    """One installer: path relative to ``data/``, type by content, version declared and version it carries."""

    component: Component
    path: PurePosixPath
    type: InstallerType
    declared_version: str | None
    version: str | None
    sha256: str
    size: int
    findings: tuple[Finding, ...]


def inventory_installers(delivery: SealedDelivery) -> tuple[Installer, ...]:
    """Every component's installers, in the order of ``Component`` and path."""
    return tuple(
        _installer(component, file, versions.get(file.path))
        for component in Component
        for versions in [_declared_versions(delivery, component)]
        for file in files_of(delivery, component, Deliverable.INSTALLERS)
    )


def identify(location: Path) -> tuple[InstallerType, str | None]:
    """Type and version of a file, by its content. Raises OSError or :class:`ArchiveUnreadableError`."""
    with location.open("rb") as file:
        head = file.read(512)
    for magic, found in _HEADS:
        if head.startswith(magic):
            return found, None
    if head.startswith(b"!<arch>\ndebian-binary"):
        return InstallerType.DEB, _debian_version(ar_members(location))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _identify_zip(location)
    if head[257:262] == b"ustar" or head.startswith(b"\x1f\x8b"):
        return _identify_tar(location)
    return InstallerType.UNKNOWN, None


def _declared_versions(delivery: SealedDelivery, component: Component) -> dict[PurePosixPath, str]:
    declared = delivery.declaration.components.get(component)
    return {each.path: each.version for each in declared.installers} if declared else {}


def _installer(component: Component, file: SealedFile, declared: str | None) -> Installer:
    found, version = InstallerType.UNKNOWN, None
    try:
        found, version = identify(file.location)
    except ArchiveUnreadableError as error:
        findings = [finding("HND-INS-01", file.path, str(error))]
    except OSError as error:
        message = f"can't be read from the vault ({error.strerror}); run the vault's verification"
        findings = [finding("HND-INS-01", file.path, message)]
    else:
        findings = _judgement(file, found, declared, version)
    return Installer(component, file.path, found, declared, version, file.sha256, file.size, tuple(findings))


def _judgement(
    file: SealedFile, found: InstallerType, declared: str | None, version: str | None
) -> list[Finding]:
    findings = []
    if declared is None:
        message = "lies in the delivery, but isn't declared"
        findings.append(finding("HND-INS-04", file.path, message))
    if found not in INSTALLABLE:
        message = "is empty" if file.size == 0 else f"is nothing that installs (by content: {found})"
        findings.append(finding("HND-INS-02", file.path, message))
    if declared and version and declared != version:
        message = "carries another version than is declared for it"
        findings.append(finding("HND-INS-03", file.path, message))
    return findings


def _identify_zip(location: Path) -> tuple[InstallerType, str | None]:
    members = zip_members(location)
    if is_encrypted(members):
        raise ArchiveUnreadableError("is encrypted: ask the vendor for one that opens without a password")
    found = _zip_type(members)
    has_version = found in (InstallerType.WAR, InstallerType.EAR, InstallerType.JAR) and _MANIFEST in members
    return found, _version(zip_member(location, _MANIFEST)) if has_version else None


def _zip_type(members: Mapping[str, object]) -> InstallerType:
    tests = (
        (InstallerType.APK, "AndroidManifest.xml" in members),
        (InstallerType.AAB, "BundleConfig.pb" in members),
        (InstallerType.IPA, any(re.match(r"Payload/[^/]+\.app/", name) for name in members)),
        (InstallerType.EAR, "META-INF/application.xml" in members),
        (InstallerType.WAR, any(name.startswith("WEB-INF/") for name in members)),
        (InstallerType.JAR, _MANIFEST in members),
    )
    return next((found for found, applies in tests if applies), InstallerType.ZIP)


def _identify_tar(location: Path) -> tuple[InstallerType, str | None]:
    names, contents = tar_members(location, _TAR_WANTED)
    if "oci-layout" in names:
        return InstallerType.CONTAINER_IMAGE, _image_tag(contents.get("manifest.json", b""))
    if "manifest.json" in contents and b'"Layers"' in contents["manifest.json"]:
        return InstallerType.CONTAINER_IMAGE, _image_tag(contents["manifest.json"])
    return InstallerType.TAR, None


def _image_tag(manifest: bytes) -> str | None:
    """The tag of the first image in a ``docker save`` manifest, or None where it is of another form."""
    try:
        tags = json.loads(manifest)[0]["RepoTags"]
        return str(tags[0]).rpartition(":")[2] if tags else None
    except (ValueError, LookupError, TypeError, RecursionError):
        return None


def _debian_version(members: Mapping[str, bytes]) -> str | None:
    control = next((name for name in members if name.startswith("control.tar")), None)
    if control is None:
        raise ArchiveUnreadableError("holds no control.tar, so it is no Debian package that installs")
    wanted = frozenset({"./control", "control"})
    for content in unpacked_tar(control, members[control], wanted).values():
        return _version(content)
    return None


def _version(manifest: bytes) -> str | None:
    match = _VERSION_LINE.search(manifest.decode("utf-8", errors="replace"))
    return match[1][:60] if match else None
