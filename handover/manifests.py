"""Read the manifests of a BagIt bag strictly: every line understood, every path inside the bag.

Stricter than the library ``bagit``, which skips lines that it doesn't understand. Compares nothing with the
files; that is the bag's business.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
"""The digests that we can check (RFC 8493, 2.4, asks for sha512 and sha256, knows md5 and sha1)."""

MAX_LISTED_FAULTS = 20
"""Faulty lines that are named one by one; a file of another kind would otherwise name every line."""

MAX_MANIFEST_BYTES = 256 << 20
"""Largest manifest that is read; one of a million files has about 150 MiB."""

_NAME = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt")
_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+\*?(\S.*)")
_ESCAPE = re.compile(r"%(0A|0D|25)", re.IGNORECASE)


@dataclass(frozen=True)
class Manifest:
    """One manifest: digest (lower-case hex) by path relative to the bag's folder."""

    algorithm: str
    is_tag_manifest: bool
    digests: Mapping[PurePosixPath, str]


def read_manifests(files: Mapping[PurePosixPath, Path], faults: list[str]) -> tuple[Manifest, ...]:
    """All manifests in the bag's folder; faults of names, lines and paths are added to ``faults``."""
    manifests = []
    for path, file in sorted(files.items()):
        match = _NAME.fullmatch(str(path))
        if not match:
            continue
        if match[2] not in ALGORITHMS:
            faults.append(f"{path} uses a digest we can't check; send one of {', '.join(ALGORITHMS)}")
        elif file.stat().st_size > MAX_MANIFEST_BYTES:
            faults.append(f"{path} is larger than {MAX_MANIFEST_BYTES} bytes")
        else:
            try:
                manifests.append(_manifest(path, match, file.read_bytes(), faults))
            except OSError as error:
                faults.append(f"{path} can't be read ({error.strerror})")
    return tuple(manifests)


def _manifest(path: PurePosixPath, name: re.Match[str], content: bytes, faults: list[str]) -> Manifest:
    is_tag, algorithm = bool(name[1]), name[2]
    digests: dict[PurePosixPath, str] = {}
    found: list[str] = []
    for number, line in enumerate(_lines(path, content, found), start=1):
        if not line.strip():
            continue
        entry, fault = _entry(line, algorithm, is_tag)
        if entry and entry[0] in digests:
            fault = "lists a path a second time"
        if fault:
            found.append(f"{path} line {number} {fault}")
        elif entry:
            digests[entry[0]] = entry[1]
    if len(found) > MAX_LISTED_FAULTS:
        found = [*found[:MAX_LISTED_FAULTS], f"{path} has {len(found) - MAX_LISTED_FAULTS} more such lines"]
    faults += found
    return Manifest(algorithm, is_tag, digests)


def _lines(path: PurePosixPath, content: bytes, found: list[str]) -> list[str]:
    try:
        return re.split(r"\r\n|\n|\r", content.decode("utf-8"))
    except UnicodeDecodeError:
        found.append(f"{path} isn't UTF-8")
        return []


def _entry(line: str, algorithm: str, is_tag: bool) -> tuple[tuple[PurePosixPath, str] | None, str | None]:
    match = _LINE.fullmatch(line)
    if not match or len(match[1]) != 2 * hashlib.new(algorithm, usedforsecurity=False).digest_size:
        return None, f"isn't '<{algorithm}>  <path>'"
    text = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), match[2])
    parts = text.removeprefix("./").split("/")
    if (
        text.startswith(("/", "~"))
        or "\\" in text
        or "\0" in text
        or any(each in ("", ".", "..") for each in parts)
    ):
        return None, "names a path that leaves the bag or isn't plain"
    if is_tag == (parts[0] == "data"):
        return None, "names a path that doesn't belong into this manifest"
    return (PurePosixPath(*parts), match[1].lower()), None
