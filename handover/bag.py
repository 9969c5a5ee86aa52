"""Is this folder a complete, unchanged BagIt bag? (RFC 8493; versions 0.93 to 1.0)

Walks the folder, reads its manifests and says what is in it, with every fault found; the library ``bagit`` is
the independent judge of a bag in which we find none. Copying belongs to the vault, the declaration's meaning
to ``declaration``.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import bagit

from handover.declaration import DELIVERY_ID
from handover.errors import BagRefused
from handover.manifests import Manifest, read_manifests
from handover.tree import name_clashes, regular_files

CHUNK = 4 << 20
"""Bytes read at a time."""

MAX_TAG_BYTES = 256 << 20
"""Largest tag file that is read; a manifest of a million files has about 150 MiB."""

MAX_INFO_BYTES = 1 << 20
"""Largest bag-info.txt that is looked into for an identifier."""

TWO_LABELS_AND_VALUES = 4
"""Words of a bagit.txt."""

NO_IDENTIFIER = "bag-info.txt should name the delivery once, as External-Identifier: <delivery id>"

_IDENTIFIER = re.compile(r"^External-Identifier[ \t]*:[ \t]*(\S+)[ \t\r]*$", re.MULTILINE)

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""


@dataclass(frozen=True)
class BagFile:
    """One file: path relative to the bag's folder, size in bytes, promised digests by algorithm."""

    path: PurePosixPath
    source: Path
    size: int
    digests: Mapping[str, str]


@dataclass(frozen=True)
class BagContents:
    """What a bag holds, as its manifests promise it; ``id`` is its External-Identifier."""

    id: str
    bag_sha256: str
    payload: tuple[BagFile, ...]
    tag_files: tuple[BagFile, ...]


def canonical_digest(files: Iterable[tuple[str, str]]) -> str:
    """The bag's digest from (path below ``data/``, sha256) pairs.

    sha256 over lines ``<hex>  data/<path>\\n``, sorted by the path's bytes: the payload manifest in canonical
    form, so that the order or spelling of a manifest doesn't matter.
    """
    ordered = sorted((f"data/{path}".encode(), digest) for path, digest in files)
    whole = hashlib.sha256()
    for path, digest in ordered:
        whole.update(digest.encode() + b"  " + path + b"\n")
    return whole.hexdigest()


def read_bag(folder: Path) -> tuple[BagContents, tuple[str, ...]]:
    """Everything but the payload's digests: structure, completeness, tag files.

    Returns what was found and all faults; with any fault the contents serve only to look for more of them.
    """
    faults: list[str] = []
    sources = regular_files(folder, faults)
    faults += name_clashes(sources)
    files = {path: BagFile(path, source, source.stat().st_size, {}) for path, source in sources.items()}
    manifests = read_manifests(sources, faults)
    payload = _payload(files, manifests, faults)
    tag_files = _tag_files(files, manifests, faults)
    identifier = _judge(folder, payload, faults) if not faults else ""
    digest = canonical_digest((str(_below_data(each)), each.digests["sha256"]) for each in payload)
    return BagContents(identifier, digest, payload, tag_files), tuple(faults)


def verify_bag(folder: Path, on_progress: Progress | None = None) -> BagContents:
    """Read the whole bag once and hash it; raises :class:`BagRefused` with every fault."""
    contents, faults = read_bag(folder)
    refuse(folder, (*faults, *payload_faults(contents, on_progress)))
    return contents


def identify_bag(folder: Path) -> str:
    """The delivery id that a bag gives itself, unverified; raises :class:`BagRefused` where it gives none."""
    for name in ("bag-info.txt", "package-info.txt"):
        info = folder / name
        if info.is_file() and info.stat().st_size <= MAX_INFO_BYTES:
            found = identifier_in(info.read_bytes())
            if found:
                return found
    raise _refusal(folder, (NO_IDENTIFIER,))


def identifier_in(info: bytes) -> str | None:
    """The one External-Identifier in a bag-info.txt that can be a delivery's id."""
    found = _IDENTIFIER.findall(info.decode("utf-8", errors="replace"))
    return str(found[0]) if len(found) == 1 and DELIVERY_ID.fullmatch(found[0]) else None


def refuse(folder: Path, faults: tuple[str, ...]) -> None:
    """Raise :class:`BagRefused` when there are faults."""
    if faults:
        raise _refusal(folder, faults)


def payload_faults(contents: BagContents, on_progress: Progress | None = None) -> tuple[str, ...]:
    """Hash every payload file and keep nothing; a sentence for each that differs or can't be read."""
    total = sum(each.size for each in contents.payload)
    done, faults = 0, []
    for each in contents.payload:
        fault = copy_checked(each, None)
        if fault:
            faults.append(fault)
        done += each.size
        if on_progress:
            on_progress(done, total)
    return tuple(faults)


def copy_checked(file: BagFile, target: BinaryIO | None) -> str | None:
    """Read one file once, hashing it (and writing it to ``target``); the fault as a sentence, or None.

    An error of the target is the caller's own and passes through as OSError.
    """
    hashes = {name: hashlib.new(name, usedforsecurity=False) for name in file.digests}
    try:
        source = os.fdopen(os.open(file.source, os.O_RDONLY | os.O_NOFOLLOW), "rb", buffering=0)
    except OSError as error:
        return f"{file.path} can't be opened ({error.strerror})"
    with source:
        while True:
            try:
                chunk = source.read(CHUNK)
            except OSError as error:
                return f"{file.path} can't be read to its end ({error.strerror})"
            if not chunk:
                break
            for each in hashes.values():
                each.update(chunk)
            if target is not None:
                target.write(chunk)
    wrong = [name for name, promised in file.digests.items() if hashes[name].hexdigest() != promised]
    return f"{file.path} differs from the {', '.join(wrong)} of the manifest" if wrong else None


def _refusal(folder: Path, faults: tuple[str, ...]) -> BagRefused:
    return BagRefused(
        f"The bag {folder} was refused: {len(faults)} fault(s). Nothing of it was kept."
        " Ask the sender for a whole copy and try again:",
        faults,
    )


def _payload(
    files: Mapping[PurePosixPath, BagFile], manifests: tuple[Manifest, ...], faults: list[str]
) -> tuple[BagFile, ...]:
    """The payload files that are both there and listed; a file that is only one of both is a fault."""
    listed = {each.algorithm: each.digests for each in manifests if not each.is_tag_manifest}
    if "sha256" not in listed:
        faults.append("manifest-sha256.txt is missing; it is needed to check the files")
        return ()
    present = {path for path in files if path.parts[0] == "data"}
    for algorithm, digests in sorted(listed.items()):
        faults += [f"{path} is missing (listed for {algorithm})" for path in sorted(digests.keys() - present)]
        faults += [f"{path} isn't listed for {algorithm}" for path in sorted(present - digests.keys())]
    return tuple(
        BagFile(path, files[path].source, files[path].size, _promised(listed, path))
        for path in sorted(present & listed["sha256"].keys())
    )


def _promised(listed: Mapping[str, Mapping[PurePosixPath, str]], path: PurePosixPath) -> dict[str, str]:
    return {name: digests[path] for name, digests in listed.items() if path in digests}


def _tag_files(
    files: Mapping[PurePosixPath, BagFile], manifests: tuple[Manifest, ...], faults: list[str]
) -> tuple[BagFile, ...]:
    """All files outside ``data/``, each with its sha256; those that a tag manifest lists are checked."""
    listed = {each.algorithm: each.digests for each in manifests if each.is_tag_manifest}
    tags = {path: file for path, file in files.items() if path.parts[0] != "data"}
    for algorithm, digests in sorted(listed.items()):
        faults += [f"{path} is missing (tag manifest, {algorithm})" for path in sorted(digests.keys() - tags)]
    checked = []
    for path, file in sorted(tags.items()):
        if file.size > MAX_TAG_BYTES:
            faults.append(f"{path} is larger than {MAX_TAG_BYTES} bytes")
            continue
        fault = copy_checked(BagFile(path, file.source, file.size, _promised(listed, path)), None)
        if fault:
            faults.append(fault)
        checked.append(BagFile(path, file.source, file.size, {"sha256": _sha256(file.source)}))
    return tuple(checked)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _below_data(file: BagFile) -> PurePosixPath:
    return file.path.relative_to("data")


def _judge_size(bag: bagit.Bag) -> None:
    if bag.has_oxum():
        bag.validate(fast=True)


def _judge(folder: Path, payload: tuple[BagFile, ...], faults: list[str]) -> str:
    """Let the library judge structure and completeness; the External-Identifier, or a fault."""
    if len((folder / "bagit.txt").read_bytes().split()) != TWO_LABELS_AND_VALUES:
        faults.append("bagit.txt should hold two lines: the version and the encoding of tag files")
        return ""
    try:
        bag = bagit.Bag(str(folder))
        if any("%" in str(each.path) for each in payload):
            _judge_size(bag)  # it doesn't decode the names that RFC 8493, 2.1.3, has encoded
        else:
            bag.validate(completeness_only=True)
        present = {str(each.path) for each in payload}
        to_be_fetched = [path for _, _, path in bag.fetch_entries() if path not in present]
    except (bagit.BagError, OSError, ValueError, LookupError, AttributeError) as error:
        faults.append(f"the BagIt library refuses it: {error}".replace(f"{folder}/", ""))
        return ""
    if to_be_fetched:
        faults.append(
            f"fetch.txt names {len(to_be_fetched)} files that are still to be fetched; send a whole bag"
        )
        return ""
    identifier = bag.info.get("External-Identifier")
    if not isinstance(identifier, str) or not DELIVERY_ID.fullmatch(identifier):
        faults.append(NO_IDENTIFIER)
        return ""
    return identifier
