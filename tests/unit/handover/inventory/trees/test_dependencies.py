"""Packages that manifests and locks name, and the bill of materials made of them."""

from __future__ import annotations

import json
from pathlib import PurePosixPath

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from handover.inventory.source import bill_of_materials
from handover.inventory.trees.dependencies import Dependency, Ecosystem, dependencies_named, merged
from handover.inventory.trees.reading import Reading
from tests.unit.handover.inventory.trees.planting import Deliver, tree_with

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>org.a</groupId><artifactId>parent</artifactId><version>2.6.6</version></parent>
  <groupId>org.b</groupId>
  <properties><c.version>1.2</c.version></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.d</groupId><artifactId>d</artifactId><version>3.0.Final</version></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>org.c</groupId><artifactId>c</artifactId><version>${c.version}</version></dependency>
    <dependency><groupId>org.d</groupId><artifactId>d</artifactId></dependency>
    <dependency><groupId>${project.groupId}</groupId><artifactId>e</artifactId><version>[1,2)</version></dependency>
  </dependencies>
</project>"""
NPM_LOCK = """{"packages": {"": {"version": "1"}, "node_modules/@s/a": {"version": "1.0.0"},
  "node_modules/b/node_modules/c": {"version": "2.0.0-rc.1"}, "node_modules/own": {"link": true}, "own": {}}}"""
NPM_OLD_LOCK = '{"dependencies": {"a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}}}}'
YARN = '# yarn lockfile v1\n\n"@s/a@^1.0.0", "@s/a@^1.1.0":\n  version "1.1.2"\n\nb@^2:\n  version "2.0.0"\n'
PNPM = (
    "lockfileVersion: '6.0'\npackages:\n  /@s/a@1.0.0(b@2.0.0):\n    dev: true\n  /b/2.0.0:\n    dev: false\n"
)
PYPROJECT = """[project]
dependencies = ["Flask==2.1.1", "psycopg2_binary[x] >= 2 ; python_version > '3'"]
optional-dependencies = { t = ["a.b==1.0"] }
[tool.poetry.dependencies]
python = "^3.9"
c = "^1.0"
own = { path = "../own" }
"""
POETRY_LOCK = (
    '[[package]]\nname = "A_b"\nversion = "1.0"\n[[package]]\nname = "own"\nsource = { editable = "." }\n'
)
GO = """module example.invalid/a

go 1.17

require github.com/a/b v1.2.3
require (
	golang.org/x/c v0.0.0-20210101000000-abcdefabcdef // indirect
)
replace (
	github.com/x/y v1.0.0 => ../y
)
"""
GRADLE = """dependencies {
    implementation("org.postgresql:postgresql:42.3.3")
    testImplementation 'junit:junit:4.+'
    api(platform("org.a:bom:1.0"))
    kapt "org.a:without"
    implementation(project(":core"))
}"""
CATALOGUE = '[versions]\nk = "1.6"\n[libraries]\na = "g:a:1.0"\nb = { module = "g:b", version.ref = "k" }\n'
COMPOSER = '{"require": {"php": ">=8.1", "ext-pdo": "*", "a/b": "^1.0", "c/d": "1.2.3"}}'
COMPOSER_LOCK = """{"packages": [{"name": "a/b", "version": "v1.0.4"}],
  "packages-dev": [{"name": "e/f", "version": "dev-x"}]}"""


def named(name: str, content: str) -> dict[str, str | None]:
    data = content.encode()
    return {
        each.name: each.version
        for each in dependencies_named(Reading(PurePosixPath(name), len(data), "", 1, data))
    }


@pytest.mark.parametrize(
    ("name", "content", "packages"),
    [
        (
            "pom.xml",
            POM,
            {"org.a:parent": "2.6.6", "org.c:c": "1.2", "org.d:d": "3.0.Final", "org.b:e": None},
        ),
        (
            "build.gradle.kts",
            GRADLE,
            {
                "org.postgresql:postgresql": "42.3.3",
                "junit:junit": None,
                "org.a:bom": "1.0",
                "org.a:without": None,
            },
        ),
        ("gradle.lockfile", "# x\norg.a:b:1.0=runtimeClasspath\nempty=\n", {"org.a:b": "1.0"}),
        ("libs.versions.toml", CATALOGUE, {"g:a": "1.0", "g:b": "1.6"}),
        (
            "package.json",
            '{"dependencies": {"a": "1.0.0", "b": "^2.0.0", "c": "file:../c"}}',
            {"a": "1.0.0", "b": None},
        ),
        ("package-lock.json", NPM_LOCK, {"@s/a": "1.0.0", "c": "2.0.0-rc.1"}),
        ("package-lock.json", NPM_OLD_LOCK, {"a": "1.0.0", "b": "2.0.0"}),
        ("yarn.lock", YARN, {"@s/a": "1.1.2", "b": "2.0.0"}),
        ("pnpm-lock.yaml", PNPM, {"@s/a": "1.0.0", "b": "2.0.0"}),
        (
            "requirements-dev.txt",
            "# x\n-r a.txt\nFlask==2.1.1 ; x\nb>=1\nc==1.*\n",
            {"flask": "2.1.1", "b": None, "c": None},
        ),
        ("pyproject.toml", PYPROJECT, {"flask": "2.1.1", "psycopg2-binary": None, "a-b": "1.0", "c": None}),
        ("poetry.lock", POETRY_LOCK, {"a-b": "1.0"}),
        ("Pipfile.lock", '{"default": {"A": {"version": "==1.0"}}}', {"a": "1.0"}),
        ("go.mod", GO, {"github.com/a/b": "v1.2.3", "golang.org/x/c": "v0.0.0-20210101000000-abcdefabcdef"}),
        ("composer.json", COMPOSER, {"a/b": None, "c/d": "1.2.3"}),
        ("composer.lock", COMPOSER_LOCK, {"a/b": "1.0.4", "e/f": None}),
        ("other.json", NPM_LOCK, {}),
        ("package.json", '{"dependencies": ["a"]}', {}),
        ("composer.lock", "[1]", {}),
        ("pom.xml", "<project>", {}),
    ],
)
def test_packages_are_read_from(name: str, content: str, packages: dict[str, str | None]) -> None:
    assert named(name, content) == packages


def test_a_lock_s_version_stands_over_a_manifest_without_one() -> None:
    manifest, lock = PurePosixPath("package.json"), PurePosixPath("package-lock.json")
    found = [
        Dependency(Ecosystem.NPM, "a", None, manifest),
        Dependency(Ecosystem.NPM, "a", "2.0.0", lock),
        Dependency(Ecosystem.NPM, "a", "1.0.0", lock),
        Dependency(Ecosystem.NPM, "b", None, manifest),
        Dependency(Ecosystem.PYPI, "a", None, manifest),
    ]

    assert [(each.ecosystem, each.name, each.version) for each in merged(found)] == [
        ("npm", "a", "1.0.0"),
        ("npm", "a", "2.0.0"),
        ("npm", "b", None),
        ("pypi", "a", None),
    ]


def test_the_bill_of_materials_is_valid_and_the_same_each_time(deliver: Deliver) -> None:
    tree = tree_with(
        deliver,
        {"web/package-lock.json": NPM_LOCK.encode(), "a/go.mod": GO.encode(), "b/pom.xml": POM.encode()},
    )

    bill = bill_of_materials(tree)

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    assert bill == bill_of_materials(tree)
    content = json.loads(bill)
    assert content["metadata"]["component"]["swhid"] == [tree.swhid]
    assert {each["purl"] for each in content["components"]} >= {
        "pkg:npm/%40s/a@1.0.0",
        "pkg:golang/github.com/a/b@v1.2.3",
        "pkg:maven/org.c/c@1.2",
        "pkg:maven/org.b/e",
    }
    (of_root,) = [each for each in content["dependencies"] if each["ref"] == "support"]
    assert len(of_root["dependsOn"]) == len(content["components"]) == len(tree.dependencies)


def test_a_tree_without_packages_has_a_valid_bill_too(deliver: Deliver) -> None:
    bill = bill_of_materials(tree_with(deliver, {}))

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
