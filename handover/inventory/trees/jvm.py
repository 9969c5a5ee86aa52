"""Packages that the manifests and locks of Maven and Gradle name, with their exact versions where written.

Properties and managed versions are those of the same file: a parent elsewhere is not opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from handover.inventory.trees.manifests import local_name, table, toml_mapping, xml_root
from handover.inventory.trees.reading import Reading

Pair = tuple[str, str | None]
"""``group:artifact`` and exact version."""

_EXACT = re.compile(r"v?(\d[\w.+-]*)")
_GRADLE = re.compile(
    r"\b(?:\w*[iI]mplementation|\w*[aA]pi|\w*[cC]ompile(?:Only)?|\w*[rR]untime(?:Only)?|kapt|ksp|\w*[pP]rocessor|classpath)"
    r"\s*\(?\s*(?:platform\s*\(\s*)?[\"']([\w.-]+:[\w.-]+)(?::([\w.+-]+))?(?:[:@][^\"'\n]*)?[\"']"
)


def maven(reading: Reading) -> Iterator[Pair]:
    """A ``pom.xml``: its parent and its dependencies."""
    root = xml_root(reading)
    if root is None:
        return
    own = _texts(root)
    known = {f"project.{key}": value for key, value in own.items()}
    managed: dict[str, str] = {}
    named: list[tuple[str, str]] = []
    for child in root:
        if local_name(child) == "properties":
            known |= _texts(child)
        if local_name(child) == "parent":
            facts = _texts(child)
            known |= {f"project.{key}": value for key, value in facts.items() if key not in own}
            named.append(
                (f"{facts.get('groupId', '')}:{facts.get('artifactId', '')}", facts.get("version", ""))
            )
    for section in (each for each in root.iter() if local_name(each) == "dependencyManagement"):
        managed |= dict(_maven_dependencies(section))
    named += [each for each in _maven_dependencies(root) if each[1] or each[0] not in managed]
    for written, wanted in named:
        name = _filled(written, known)
        exact = _EXACT.fullmatch(_filled(wanted or managed.get(written, ""), known))
        if "$" not in name and not name.startswith(":"):
            yield name, exact[1] if exact else None


def _maven_dependencies(below: Element) -> Iterator[tuple[str, str]]:
    for each in below.iter():
        if local_name(each) == "dependency":
            facts = _texts(each)
            yield f"{facts.get('groupId', '')}:{facts.get('artifactId', '')}", facts.get("version", "")


def _texts(element: Element) -> dict[str, str]:
    return {local_name(each): each.text.strip() for each in element if each.text and each.text.strip()}


def _filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{([^{}]+)\}", lambda match: known.get(match[1], match[0]), text)


def gradle(reading: Reading) -> Iterator[Pair]:
    """A build script, as far as it writes packages as ``group:artifact:version``."""
    for name, version in _GRADLE.findall(reading.text):
        yield name, version if version and not version.endswith("+") else None


def gradle_lock(reading: Reading) -> Iterator[Pair]:
    """A ``gradle.lockfile``."""
    yield from re.findall(r"(?m)^([\w.-]+:[\w.-]+):([^=\s]+)=", reading.text)


def gradle_catalogue(reading: Reading) -> Iterator[Pair]:
    """A version catalogue."""
    content = toml_mapping(reading)
    versions = table(content, "versions")
    for each in table(content, "libraries").values():
        if isinstance(each, str):
            name, _, exact = each.rpartition(":")
            yield name, exact
        elif isinstance(each, dict):
            wanted = each.get("version")
            version = versions.get(wanted.get("ref", "")) if isinstance(wanted, dict) else wanted
            module = each.get("module") or f"{each.get('group')}:{each.get('name')}"
            yield str(module), version if isinstance(version, str) else None
