"""What a file's content says of itself: its type, versions, the commit it claims, marks of a debug build, signature.

Records only. Reading them is the business of the module of each format; judging them that of ``installers``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class InstallerType(StrEnum):
    """What a file is by its content."""

    CONTAINER_IMAGE = "container_image"
    HELM_CHART = "helm_chart"
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
    OLE = "ole"
    ZIP = "zip"
    TAR = "tar"
    UNKNOWN = "unknown"


INSTALLABLE = frozenset(InstallerType) - {
    InstallerType.OLE,
    InstallerType.ZIP,
    InstallerType.TAR,
    InstallerType.UNKNOWN,
}
"""Types that install something by themselves."""


@dataclass(frozen=True)
class Insides:
    """What one file says. ``versions`` are the forms of its version, the fullest first, empty where it has none.

    ``build`` is the number that counts builds of a version; ``commit`` is lower-case hex, 7 to 64 digits;
    ``debug_marks`` says what makes it a debug build; ``is_signed`` is None where its platform demands no signature.
    """

    type: InstallerType
    versions: tuple[str, ...] = ()
    build: str | None = None
    commit: str | None = None
    debug_marks: tuple[str, ...] = ()
    is_signed: bool | None = None
