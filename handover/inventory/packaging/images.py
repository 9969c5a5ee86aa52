"""Container images: version by tag or label, commit by label, from ``docker save`` archives and OCI layouts.

The labels are those of the OCI image specification, "Pre-Defined Annotation Keys". Layers aren't looked into.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from handover.inventory.archives import tar_members
from handover.inventory.packaging.claims import commit_of, versions_of
from handover.inventory.packaging.insides import Insides, InstallerType

WANTED = frozenset({"manifest.json", "index.json", "oci-layout"})
"""The members that tell an image."""

_LABEL = "org.opencontainers.image."
_TAG = f"{_LABEL}ref.name"


def is_image(contents: Mapping[str, bytes]) -> bool:
    """Whether a tar with these members among ``WANTED`` is an image."""
    return "oci-layout" in contents or b'"Layers"' in contents.get("manifest.json", b"")


def container_image(location: Path, contents: Mapping[str, bytes]) -> Insides:
    """What an image says, as far as its parts are of the form expected. Raises :class:`ArchiveUnreadableError`."""
    saved = _first(_parsed(contents.get("manifest.json", b"")))
    if saved:
        tags = [each for each in _list(saved.get("RepoTags")) if isinstance(each, str)]
        config = _member(location, saved.get("Config"))
    else:
        described = _first(_dict(_parsed(contents.get("index.json", b""))).get("manifests"))
        tags = [str(_dict(described.get("annotations")).get(_TAG) or "")]
        manifest = _member(location, _blob(described))
        config = _member(location, _blob(_dict(manifest.get("config"))))
    labels = _dict(_dict(config.get("config")).get("Labels"))
    return Insides(
        InstallerType.CONTAINER_IMAGE,
        _versions(tags, labels),
        commit=commit_of([labels.get(f"{_LABEL}revision")]),
    )


def _versions(tags: list[str], labels: Mapping[str, object]) -> tuple[str, ...]:
    """What the tags say; where they say nothing but ``latest``, what the label says."""
    said = versions_of(*(each.rpartition("/")[2].rpartition(":")[2] for each in tags))
    telling = tuple(each for each in said if each != "latest")
    return telling or versions_of(labels.get(f"{_LABEL}version")) or said


def _blob(descriptor: Mapping[str, object]) -> str:
    return "blobs/" + str(descriptor.get("digest")).replace(":", "/", 1)


def _member(location: Path, name: object) -> Mapping[str, Any]:
    if not isinstance(name, str):
        return {}
    return _dict(_parsed(tar_members(location, frozenset({name}))[1].get(name, b"")))


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _first(document: object) -> Mapping[str, Any]:
    return _dict(next(iter(_list(document)), None))


def _dict(document: object) -> Mapping[str, Any]:
    return document if isinstance(document, dict) else {}


def _list(document: object) -> list[Any]:
    return document if isinstance(document, list) else []
