"""Files in which a build tool is told what it needs, opened safely: JSON, XML, TOML, YAML.

A file that is not of its form counts as empty here and is told once, by ``unreadable``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import yaml
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from handover.findings import Finding, finding
from handover.inventory.trees.reading import HEAD, Reading

KEPT = 32 * HEAD
"""Bytes of a manifest or lock that are read: a lock is one document and means nothing in part."""

JSON = {
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "composer.json",
    "composer.lock",
    "Pipfile.lock",
}
XML = {"pom.xml"}
TOML = {"pyproject.toml", "poetry.lock", "uv.lock", "libs.versions.toml"}
YAML = {"pnpm-lock.yaml"}
LINES = {"yarn.lock", "gradle.lockfile", "go.mod", "build.gradle", "build.gradle.kts"}
_REQUIREMENTS = re.compile(r"requirements.*\.txt")


def is_manifest(path: PurePosixPath) -> bool:
    """Whether a file of this name is read whole."""
    return path.name in JSON | XML | TOML | YAML | LINES or _REQUIREMENTS.fullmatch(path.name) is not None


def is_requirements(path: PurePosixPath) -> bool:
    """Whether pip reads the file, line by line."""
    return _REQUIREMENTS.fullmatch(path.name) is not None


def unreadable(reading: Reading) -> Iterator[Finding]:
    """The manifest as a finding, when it is longer than what is read or not of its form."""
    name = reading.path.name
    if reading.size == 0 or not is_manifest(reading.path):
        return
    is_sound = reading.is_whole and (
        (name not in JSON or _json(reading) is not None)
        and (name not in XML or xml_root(reading) is not None)
        and (name not in TOML or _toml(reading) is not None)
        and (name not in YAML or _yaml(reading) is not None)
    )
    if not is_sound:
        why = "is not of its form" if reading.is_whole else "is too long to be read"
        yield finding("HND-SRC-17", reading.path, f"{why}; what it names is not known")


def json_mapping(reading: Reading) -> dict[str, Any]:
    """The JSON object in the file; an empty one where there is none."""
    return _json(reading) or {}


def toml_mapping(reading: Reading) -> dict[str, Any]:
    """The TOML table in the file; an empty one where there is none."""
    return _toml(reading) or {}


def yaml_mapping(reading: Reading) -> dict[str, Any]:
    """The YAML mapping in the file; an empty one where there is none."""
    return _yaml(reading) or {}


def table(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The mapping of that name; an empty one where there is none."""
    value = content.get(name)
    return value if isinstance(value, dict) else {}


def xml_root(reading: Reading) -> Element | None:
    """The XML document's root, or None; entities are refused."""
    try:
        root: Element = fromstring(reading.head)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return root


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _json(reading: Reading) -> dict[str, Any] | None:
    return _mapping(json.loads, reading)


def _toml(reading: Reading) -> dict[str, Any] | None:
    return _mapping(tomllib.loads, reading)


def _yaml(reading: Reading) -> dict[str, Any] | None:
    return _mapping(_quick_yaml, reading)


def _quick_yaml(text: str) -> Any:
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe


def _mapping(parse: Any, reading: Reading) -> dict[str, Any] | None:
    try:
        content = parse(reading.text)
    except (ValueError, yaml.YAMLError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
