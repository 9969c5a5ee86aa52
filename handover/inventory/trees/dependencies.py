"""What a source tree is built from: packages that its manifests and locks name, six ecosystems.

A version is known where it is written exactly; nothing is resolved and no registry is asked. What a build script
computes is not seen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from handover.inventory.trees import jvm
from handover.inventory.trees.manifests import (
    is_requirements,
    json_mapping,
    table,
    toml_mapping,
    yaml_mapping,
)
from handover.inventory.trees.reading import Reading


class Ecosystem(StrEnum):
    """Where a package comes from, as package URLs call it."""

    MAVEN = "maven"
    NPM = "npm"
    PYPI = "pypi"
    GO = "golang"
    COMPOSER = "composer"


@dataclass(frozen=True)
class Dependency:
    """One package: its name as its ecosystem writes it (Maven: ``group:artifact``), its exact version if known."""

    ecosystem: Ecosystem
    name: str
    version: str | None
    named_in: PurePosixPath


def _known(versions: Mapping[str | None, Dependency]) -> list[Dependency]:
    known = sorted(version for version in versions if version)
    return [versions[version] for version in known] or list(versions.values())


Pair = tuple[str, str | None]
"""Name and exact version."""

_EXACT = re.compile(r"=?v?(\d[\w.+-]*)")
_SEMANTIC = re.compile(r"=?v?(\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)")
_REQUIREMENT = re.compile(
    r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*\(?\s*(?:===?\s*([\w.!+-]+)(?![\w.*]))?"
)
_YARN = re.compile(r"(?m)^\"?(@?[^@\"\n]+)@(?!workspace:)[^\n]*:\r?\n +version:? \"?([^\"\s]+)")
_GO = re.compile(r"(?m)^(?:require[ \t]+|[ \t]+)([\w.~-]+\.[\w~-]+(?:/[\w.~-]+)*)[ \t]+(v[\w.+-]+)")
_PNPM = re.compile(r"/?((?:@[^/@]+/)?[^/@]+)[@/](\d[^(_]*)")
_LOCAL = ("file:", "link:", "workspace:", "portal:")


def dependencies_named(reading: Reading) -> Iterator[Dependency]:
    """The packages that this file names."""
    name = reading.path.name
    key = "requirements.txt" if is_requirements(reading.path) else name
    if key in _READERS:
        ecosystem, read = _READERS[key]
        for package, version in read(reading):
            yield Dependency(ecosystem, package, version, reading.path)


def merged(found: Iterable[Dependency]) -> tuple[Dependency, ...]:
    """Each package and version once, by ecosystem and name; one without a version only where none is known."""
    kept: dict[tuple[str, str], dict[str | None, Dependency]] = {}
    for each in sorted(found, key=lambda one: one.named_in):
        kept.setdefault((each.ecosystem, each.name), {}).setdefault(each.version, each)
    return tuple(each for _, versions in sorted(kept.items()) for each in _known(versions))


def _npm(reading: Reading) -> Iterator[Pair]:
    content = json_mapping(reading)
    for section in ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies"):
        for name, wanted in table(content, section).items():
            if not str(wanted).startswith(_LOCAL):
                yield name, _exact(_SEMANTIC, wanted)


def _npm_lock(reading: Reading) -> Iterator[Pair]:
    content = json_mapping(reading)
    for path, facts in table(content, "packages").items():
        if "node_modules/" in path and isinstance(facts, dict) and not facts.get("link"):
            yield (
                str(facts.get("name") or path.rpartition("node_modules/")[2]),
                _exact(_EXACT, facts.get("version")),
            )
    waiting = [] if "packages" in content else [table(content, "dependencies")]
    while waiting:
        for name, facts in waiting.pop().items():
            if isinstance(facts, dict):
                yield name, _exact(_EXACT, facts.get("version"))
                waiting.append(table(facts, "dependencies"))


def _yarn(reading: Reading) -> Iterator[Pair]:
    yield from _YARN.findall(reading.text)


def _pnpm(reading: Reading) -> Iterator[Pair]:
    for key in table(yaml_mapping(reading), "packages"):
        if match := _PNPM.fullmatch(str(key).partition("(")[0]):
            yield match[1], match[2]


def _requirements(reading: Reading) -> Iterator[Pair]:
    for line in reading.text.splitlines():
        if not line.lstrip().startswith(("#", "-")) and "://" not in line:
            yield from _python(line)


def _pyproject(reading: Reading) -> Iterator[Pair]:
    content = toml_mapping(reading)
    project = table(content, "project")
    extras = table(project, "optional-dependencies").values()
    for wanted in (project.get("dependencies"), *extras):
        for each in wanted if isinstance(wanted, list) else ():
            yield from _python(str(each))
    poetry = table(table(content, "tool"), "poetry")
    groups = (
        table(each, "dependencies") for each in table(poetry, "group").values() if isinstance(each, dict)
    )
    for section in (table(poetry, "dependencies"), table(poetry, "dev-dependencies"), *groups):
        for name, wanted in section.items():
            if name != "python" and not (isinstance(wanted, dict) and "path" in wanted):
                yield _plain(name), _exact(_SEMANTIC, wanted)


def _python(requirement: str) -> Iterator[Pair]:
    if match := _REQUIREMENT.match(requirement):
        yield _plain(match[1]), match[2]


def _python_lock(reading: Reading) -> Iterator[Pair]:
    packages = toml_mapping(reading).get("package")
    for each in packages if isinstance(packages, list) else ():
        if isinstance(each, dict) and not {"virtual", "editable"} & table(each, "source").keys():
            yield _plain(str(each.get("name"))), _exact(_EXACT, each.get("version"))


def _pipenv_lock(reading: Reading) -> Iterator[Pair]:
    content = json_mapping(reading)
    for section in ("default", "develop"):
        for name, facts in table(content, section).items():
            version = facts.get("version") if isinstance(facts, dict) else None
            yield _plain(name), str(version).removeprefix("==") if version else None


def _go(reading: Reading) -> Iterator[Pair]:
    requiring = re.sub(r"(?ms)^(?:replace|exclude|retract)\s*\(.*?(?:^\)|\Z)", "", reading.text)
    yield from _GO.findall(requiring)


def _composer(reading: Reading) -> Iterator[Pair]:
    content = json_mapping(reading)
    for section in ("require", "require-dev"):
        for name, wanted in table(content, section).items():
            if "/" in name:  # php and its extensions are no packages
                yield name, _exact(_SEMANTIC, wanted)


def _composer_lock(reading: Reading) -> Iterator[Pair]:
    content = json_mapping(reading)
    for section in ("packages", "packages-dev"):
        packages = content.get(section)
        for each in packages if isinstance(packages, list) else ():
            if isinstance(each, dict) and "name" in each:
                yield str(each["name"]), _exact(_EXACT, each.get("version"))


def _exact(pattern: re.Pattern[str], wanted: object) -> str | None:
    match = pattern.fullmatch(wanted.strip()) if isinstance(wanted, str) else None
    return match[1] if match else None


def _plain(name: str) -> str:
    """A Python package's name as the index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


_READERS: Mapping[str, tuple[Ecosystem, Callable[[Reading], Iterator[Pair]]]] = {
    "pom.xml": (Ecosystem.MAVEN, jvm.maven),
    "build.gradle": (Ecosystem.MAVEN, jvm.gradle),
    "build.gradle.kts": (Ecosystem.MAVEN, jvm.gradle),
    "gradle.lockfile": (Ecosystem.MAVEN, jvm.gradle_lock),
    "libs.versions.toml": (Ecosystem.MAVEN, jvm.gradle_catalogue),
    "package.json": (Ecosystem.NPM, _npm),
    "package-lock.json": (Ecosystem.NPM, _npm_lock),
    "npm-shrinkwrap.json": (Ecosystem.NPM, _npm_lock),
    "yarn.lock": (Ecosystem.NPM, _yarn),
    "pnpm-lock.yaml": (Ecosystem.NPM, _pnpm),
    "requirements.txt": (Ecosystem.PYPI, _requirements),
    "pyproject.toml": (Ecosystem.PYPI, _pyproject),
    "poetry.lock": (Ecosystem.PYPI, _python_lock),
    "uv.lock": (Ecosystem.PYPI, _python_lock),
    "Pipfile.lock": (Ecosystem.PYPI, _pipenv_lock),
    "go.mod": (Ecosystem.GO, _go),
    "composer.json": (Ecosystem.COMPOSER, _composer),
    "composer.lock": (Ecosystem.COMPOSER, _composer_lock),
}
