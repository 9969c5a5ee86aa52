"""Apple's packages (ipa): version from the property list, and whether a signature is there, be it valid or not."""

from __future__ import annotations

import plistlib
import re
import struct
from collections.abc import Mapping
from pathlib import Path
from xml.parsers.expat import ExpatError

from handover.inventory.archives import ArchiveUnreadableError, zip_member
from handover.inventory.packaging.claims import versions_of
from handover.inventory.packaging.insides import Insides, InstallerType

MAX_BYTES = 1 << 20
"""Largest property list that is read; that of an app has a few thousand bytes."""

_APP = re.compile(r"(Payload/[^/]+\.app)/.*", re.DOTALL)
_BROKEN = (
    ExpatError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,  # what plistlib raises for a date of another form
    OverflowError,
    RecursionError,
    struct.error,
)


def app_folder(members: Mapping[str, object]) -> str | None:
    """The folder of the app in a package, or None where there is none."""
    return next((match[1] for match in map(_APP.fullmatch, members) if match), None)


def apple_package(location: Path, members: Mapping[str, object]) -> Insides:
    """What an ipa says. Raises :class:`ArchiveUnreadableError`, also where no device could read its list."""
    folder = app_folder(members)
    name = f"{folder}/Info.plist"
    if name not in members:
        raise ArchiveUnreadableError("holds an app without Info.plist: no device installs it")
    said = property_list(zip_member(location, name))
    build = versions_of(said.get("CFBundleVersion"))
    return Insides(
        InstallerType.IPA,
        versions_of(said.get("CFBundleShortVersionString")) or build,
        build=build[0] if build else None,
        is_signed=f"{folder}/_CodeSignature/CodeResources" in members,
    )


def property_list(content: bytes) -> Mapping[str, object]:
    """A property list, as XML or binary. Raises :class:`ArchiveUnreadableError`."""
    if len(content) > MAX_BYTES:
        raise ArchiveUnreadableError(f"has an Info.plist of more than {MAX_BYTES} bytes")
    try:
        document = plistlib.loads(content)
    except _BROKEN as error:
        raise ArchiveUnreadableError("has an Info.plist that can't be read: no device installs it") from error
    if not isinstance(document, dict):
        raise ArchiveUnreadableError("has an Info.plist without names: no device installs it")
    return document
