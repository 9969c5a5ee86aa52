"""Which reader a file belongs to, by its content. What the readers find is described in ``insides``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from handover.inventory.archives import ArchiveUnreadableError, is_encrypted, tar_members, zip_members
from handover.inventory.packaging import android, images, java
from handover.inventory.packaging.apple import app_folder, apple_package
from handover.inventory.packaging.charts import chart_file, helm_chart
from handover.inventory.packaging.insides import Insides, InstallerType
from handover.inventory.packaging.linux import debian_package, rpm_package
from handover.inventory.packaging.windows import ole_file, windows_program


def identify(location: Path) -> Insides:
    """What a file is, and what it says of itself. Raises OSError or :class:`ArchiveUnreadableError`."""
    with location.open("rb") as file:
        head = file.read(512)
    readers: tuple[tuple[bool, Callable[[Path], Insides]], ...] = (
        (head.startswith(b"\xed\xab\xee\xdb"), rpm_package),
        (head.startswith(b"MZ"), windows_program),
        (head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ole_file),
        (head.startswith(b"!<arch>\ndebian-binary"), debian_package),
        (head.startswith((b"PK\x03\x04", b"PK\x05\x06")), _identify_zip),
        (head[257:262] == b"ustar" or head.startswith(b"\x1f\x8b"), _identify_tar),
    )
    reader = next((each for applies, each in readers if applies), None)
    return reader(location) if reader else Insides(InstallerType.UNKNOWN)


def _identify_zip(location: Path) -> Insides:
    members = zip_members(location)
    if is_encrypted(members):
        raise ArchiveUnreadableError("is encrypted: ask the vendor for one that opens without a password")
    if android.MANIFEST in members and "classes.jar" not in members:  # with one it is a library to build with
        return android.android_package(location, members)
    if "BundleConfig.pb" in members:
        return android.android_bundle(location, members)
    if app_folder(members):
        return apple_package(location, members)
    found = _java_type(members)
    return java.java_archive(found, location, members) if found else Insides(InstallerType.ZIP)


def _java_type(members: Mapping[str, object]) -> InstallerType | None:
    tests = (
        (InstallerType.EAR, "META-INF/application.xml" in members),
        (InstallerType.WAR, any(name.startswith("WEB-INF/") for name in members)),
        (InstallerType.JAR, java.MANIFEST in members),
    )
    return next((found for found, applies in tests if applies), None)


def _identify_tar(location: Path) -> Insides:
    names, contents = tar_members(location, images.WANTED)
    if images.is_image(contents):
        return images.container_image(location, contents)
    chart = chart_file(names)
    return helm_chart(location, chart) if chart else Insides(InstallerType.TAR)
